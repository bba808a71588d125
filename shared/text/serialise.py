"""A document as SSML that parses back into the same document, and emotions for sentences that have none."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from shared.text.assemble import join_runs
from shared.text.document import Document, Effects, Mark, Part, Pause, Prosody, Run, Sentence, Style
from shared.text.prosody import rounded


def to_ssml(document: Document) -> str:
    """Return SSML for which `parse_ssml` gives this document again, but for the offsets.

    That holds for the documents that our parsers make, also after `with_emotions`.
    """
    pieces = ["<speak>"]
    paragraph: list[str] = []
    for sentence in document.sentences:
        paragraph.append(sentence_to_ssml(sentence))
        if sentence.paragraph_end:
            pieces += ["<p>", *paragraph, "</p>"]
            paragraph = []
    return "".join([*pieces, *paragraph, "</speak>"])


def sentence_to_ssml(sentence: Sentence) -> str:
    """Return the sentence as an `<s>` element."""
    return f"<s>{''.join(map(_part, sentence.parts))}</s>"


def with_emotions(document: Document, choices: Sequence[tuple[str, float] | None]) -> Document:
    """Return the document with `(emotion, intensity)` of sentence i set on its runs that name no emotion.

    `choices` has one entry a sentence; None leaves the sentence as it is.
    """
    pairs = zip(document.sentences, choices, strict=True)
    return Document(tuple(_coloured(sentence, choice) for sentence, choice in pairs))


def _coloured(sentence: Sentence, choice: tuple[str, float] | None) -> Sentence:
    if choice is None:
        return sentence
    emotion, intensity = choice

    def coloured(part: Part) -> Part:
        if not isinstance(part, Run) or part.style.emotion is not None:
            return part
        return replace(part, style=replace(part.style, emotion=emotion, intensity=rounded(intensity)))

    return replace(sentence, parts=join_runs(map(coloured, sentence.parts)))


def _part(part: Part) -> str:
    match part:
        case Run():
            return _styled(part.style, _words(part))
        case Pause():
            return _element("break", {"time": f"{_number(part.seconds)}s"})
        case Mark():
            return _element("mark", {"name": part.name})


def _words(run: Run) -> str:
    text = _escaped(run.text)
    if run.say_as:
        return _element("say-as", {"interpret-as": run.say_as.interpret_as, "format": run.say_as.format}, text)
    if run.alias is not None:
        return _element("sub", {"alias": run.alias}, text)
    return text if run.ipa is None else _element("phoneme", {"alphabet": "ipa", "ph": run.ipa}, text)


def _styled(style: Style, content: str) -> str:
    """Return the content inside the elements that give it its style."""
    degree = None if style.intensity is None else _number(style.intensity)
    wrappers: list[tuple[str, dict[str, str | None]]] = [
        ("emphasis", {"level": style.emphasis}),
        ("prosody", _prosody(style.prosody)),
        ("mstts:express-as", {"style": style.emotion, "styledegree": degree}),
        *(("amazon:effect", effect) for effect in _effects(style.effects)),
        ("lang", {"xml:lang": style.language}),
        ("voice", {"name": style.voice}),
    ]
    for name, attributes in wrappers:
        if any(value is not None for value in attributes.values()):
            content = _element(name, attributes, content)
    return content


def _effects(effects: Effects) -> Iterator[dict[str, str | None]]:
    """Yield the attributes of each effect, which may all be none."""
    yield {"name": "whispered" if effects.whispered else None}
    yield {"name": "drc" if effects.compressed else None}
    yield {"phonation": "soft" if effects.soft else None}
    yield {"vocal-tract-length": None if effects.tract_length == 1 else f"{effects.tract_length * 100:.4f}%"}


def _prosody(prosody: Prosody) -> dict[str, str | None]:
    plain = Prosody()
    return {
        "rate": None if prosody.rate == plain.rate else _number(prosody.rate),
        "pitch": None if prosody.pitch == plain.pitch else f"{(prosody.pitch - 1) * 100:+.4f}%",
        "volume": None if prosody.volume_db == plain.volume_db else f"{prosody.volume_db:+.6f}dB",
    }


def _element(name: str, attributes: dict[str, str | None], content: str = "") -> str:
    written = "".join(
        f' {key}="{_escaped(value, in_attribute=True)}"' for key, value in attributes.items() if value is not None
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _escaped(text: str, in_attribute: bool = False) -> str:
    """Return the text with references for what XML would take as markup or change."""
    safe = escape(text).replace("\r", "&#13;")
    return safe.replace("\n", "&#10;").replace("\t", "&#9;") if in_attribute else safe


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
