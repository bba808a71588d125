"""What a sentence's markup says beyond the emotion and the voice that its plan names anyway."""

from collections.abc import Callable
from dataclasses import replace

from shared.text.assemble import join_runs
from shared.text.document import Document, Part, Run, Sentence, Style
from shared.text.serialise import sentence_to_ssml
from shared.text.source import run_at

_PLAIN = Style()


def own_markup(sentence: Sentence) -> str | None:
    """Return the sentence as SSML, None if it says no more than its text, one emotion and one voice."""
    if _is_plain(sentence):
        return None
    styles = {part.style for part in sentence.parts if isinstance(part, Run)}
    if len({(style.emotion, style.intensity) for style in styles}) == 1:
        sentence = _restyled(sentence, lambda style: replace(style, emotion=None, intensity=None))
    if len({style.voice for style in styles}) == 1:
        sentence = _restyled(sentence, lambda style: replace(style, voice=None))
    return sentence_to_ssml(sentence)


def of_plain(text: str) -> str:
    """Return text without markup as one sentence of SSML."""
    return sentence_to_ssml(Sentence((run_at(text, 0, Style()),), 0, 0))


def in_voice(document: Document, voice: str) -> Document:
    """Return the document with `voice` for all that names no voice."""
    sentences = (_restyled(one, lambda style: replace(style, voice=style.voice or voice)) for one in document.sentences)
    return Document(tuple(sentences))


def _restyled(sentence: Sentence, restyle: Callable[[Style], Style]) -> Sentence:
    def restyled(part: Part) -> Part:
        return replace(part, style=restyle(part.style)) if isinstance(part, Run) else part

    return replace(sentence, parts=join_runs(map(restyled, sentence.parts)))


def _is_plain(sentence: Sentence) -> bool:
    match sentence.parts:
        case (Run(style=style, say_as=None, alias=None, ipa=None),):
            return replace(style, emotion=None, intensity=None, voice=None) == _PLAIN
    return False
