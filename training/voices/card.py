"""Write the model card of a voice from what was measured."""

from collections.abc import Iterator, Sequence

from training.voices.evaluate.figures import Change, Figures
from training.voices.evaluate.folder import SAMPLES
from training.voices.facts import Facts
from training.voices.terms import Terms

CARD = "MODEL_CARD.md"
_UNKNOWN = "—"
_INTRODUCTION = """# {name}

A synthetic voice, `{voice}` in `GET /v1/audio/voices`, learned from recordings of one person. Language: {languages}.
Emotions: {emotions}. Network: {engine}, {rate_hz} Hz, served by `services/tts` without the framework that trained it.
What it says was never said by that person; every answer is marked as synthetic.

**Licence:** {licence}{terms}.

**Whose voice it is:** {speaker}. **Their consent**{given_on}: "{basis}"{record}
"""
_ROWS = (
    (
        "words that PocketSphinx mishears",
        "word_error_rate",
        "recordings_word_error_rate",
        "of the same sentences, spoken and recorded",
    ),
    (
        "sounds like the speaker",
        "speaker_similarity",
        "recordings_speaker_similarity",
        "mean cosine of a speaker encoder (Resemblyzer) to recordings of other sentences",
    ),
    ("length over that of the recording", "duration_ratio", 1.0, "without silence, median"),
    ("F0, semitones from the recording", "f0_difference_semitones", 0.0, "of the medians"),
    ("range of F0 over that of the recording", "f0_range_ratio", 1.0, "10th to 90th percentile"),
    ("correlation of F0", "f0_correlation", 1.0, "after alignment in time, where both are voiced"),
    ("correlation of the level", "level_correlation", 1.0, "after alignment in time"),
    ("mel cepstral distance, dB", "mel_cepstral_distance_db", 0.0, "after alignment in time, without the level"),
    ("seconds of computing for one of speech", "real_time_factor", None, "one core, where it was evaluated"),
)
_CHANGES = {
    "f0_semitones": ("F0, semitones", "{:+.1f}"),
    "f0_range_semitones": ("range of F0", "{:+.1f}"),
    "level_db": ("level, dB", "{:+.1f}"),
    "rate_ratio": ("rate", "{:.2f}"),
    "tilt_db": ("brightness, dB", "{:+.1f}"),
}
_CAPTIONS = {
    "spectrograms.png": "Recordings that it has not heard, and the voice saying the same",
    "f0.png": "F0 of both, from the first sound on",
    "emotions.png": "What each emotion changes against neutral speech, in the recordings and in the voice",
    "training.png": "How it learned",
}
_LIMITS = """## Limits, and what it must not be used for

The figures are of sentences of the kind that it learned from, read into the same microphone. Names, other languages,
long numbers and excited talk it may say worse, and PocketSphinx mishears even people often, so what counts is how far
the two columns are apart. A similar voice print is no proof that a listener would take it for the person.

Do not let it say what its speaker would not agree to, do not pass it off as them, and tell who hears it that it is
synthetic. When the consent is withdrawn, remove it from the store: `./timbre voice remove {voice}`.
"""


def model_card(terms: Terms, facts: Facts, figures: Figures, shown: Sequence[str]) -> str:
    """Return the card, Markdown; `shown` are the pictures and sounds beside it."""
    return "\n".join(_lines(terms, facts, figures, shown)) + "\n"


def _lines(terms: Terms, facts: Facts, figures: Figures, shown: Sequence[str]) -> Iterator[str]:
    yield _introduction(terms, facts)
    yield from _comparison(figures)
    yield from _emotions(figures)
    yield from (f"![{caption}]({name})\n\n{caption}.\n" for name, caption in _CAPTIONS.items() if name in shown)
    sounds = [name for name in shown if name.startswith(f"{SAMPLES}/")]
    if sounds:
        yield "## Samples\n"
        yield from (f"- [{name.removeprefix(f'{SAMPLES}/')}]({name})" for name in sounds)
        yield "\nEach says a sentence that it has not heard.\n"
    yield _LIMITS.format(voice=terms.name)
    yield from _data(terms, facts)


def _introduction(terms: Terms, facts: Facts) -> str:
    consent = terms.consent
    return _INTRODUCTION.format(
        name=_plain(terms.display_name),
        voice=terms.name,
        languages=", ".join(facts.languages),
        emotions=", ".join(facts.emotions),
        engine=facts.engine,
        rate_hz=facts.sample_rate_hz,
        licence=_plain(terms.licence),
        terms=": no commercial use" if terms.noncommercial else "",
        speaker=_plain(consent.speaker),
        given_on=f", given on {consent.given_on}" if consent.given_on else "",
        basis=_plain(consent.basis),
        record=f" Kept: {_plain(consent.record)}." if consent.record else "",
    )


def _comparison(figures: Figures) -> Iterator[str]:
    yield f"## Beside {figures.held_out} recordings that it has not heard\n"
    if figures.compared < figures.held_out:
        silent = figures.held_out - figures.compared
        yield f"In {silent} of them it says nothing that sounds like speech; all but the words is of the others alone."
        yield ""
    yield "| | voice | recordings | |"
    yield "|---|---|---|---|"
    for title, measure, ideal, how in _ROWS:
        beside = getattr(figures, ideal) if isinstance(ideal, str) else ideal
        yield f"| {title} | {_number(getattr(figures, measure))} | {_number(beside)} | {how} |"
    yield ""


def _emotions(figures: Figures) -> Iterator[str]:
    if not figures.emotions:
        return
    yield "## Emotions\n"
    yield "What each changes against neutral: in the recordings, and in the voice saying the same sentences both ways."
    yield "The last column tells of how many of the five measures the voice moves to the side that its speaker does.\n"
    yield f"| | | {' | '.join(title for title, _ in _CHANGES.values())} | same side |"
    yield "|---" * (len(_CHANGES) + 3) + "|"
    for emotion, each in figures.emotions.items():
        yield f"| {emotion} | recordings | {_changes(each.recordings)} | |"
        yield f"| | voice | {_changes(each.voice)} | {each.same_directions} of {len(_CHANGES)} |"
    yield ""


def _changes(change: Change) -> str:
    return " | ".join(form.format(getattr(change, measure)) for measure, (_, form) in _CHANGES.items())


def _data(terms: Terms, facts: Facts) -> Iterator[str]:
    if terms.training_data:
        yield "## What it was made from\n"
        for each in terms.training_data:
            use = f"; {_plain(each.use)}" if each.use else ""
            yield f"- {_plain(each.name)}, {_plain(each.licence)} ({_plain(each.source)}{use})"
    if facts.trained:
        yield f"\nTraining: `{facts.trained}`"


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.3f}"


def _plain(text: str) -> str:
    """Return text of a user so that it stays text on one line: cards are read as Markdown, also by browsers."""
    return " ".join(text.split()).replace("<", "&lt;").replace("|", "\\|").replace("[", "\\[").replace("`", "'")
