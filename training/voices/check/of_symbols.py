"""Rules on the symbols that the texts become, as training makes them."""

import unicodedata
from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from services.tts.front_end import FrontEnd, id_sequences, sounds_of_all, spoken_words
from services.tts.front_end.sequence import MOST_SYMBOLS
from services.tts.speech import SpokenWord
from shared.problems import InvalidInput, ModelCorrupt
from training.voices.check.findings import Case, Finding, Level, case, finding
from training.voices.check.measuring import Measured
from training.voices.check.of_texts import shown
from training.voices.texts import front_end_of

_MOST_CHARACTERS = 4 * MOST_SYMBOLS
"""What is longer is not even asked for: espeak-ng would take its time over it."""


def symbols(recordings: Sequence[Measured], language: str, processes: int) -> Iterator[Finding]:
    """Sounds that no symbol covers, and texts that are too long to be learnt.

    Raises InvalidInput for a language that espeak-ng does not have.
    """
    front_end = _front_end(language)
    some = [one for one in recordings if one.text.spoken and len(one.recording.text) <= _MOST_CHARACTERS]
    words = [spoken_words(one.recording.text, language) for one in some]
    uncovered: list[Case] = []
    too_long = [_long(one) for one in recordings if len(one.recording.text) > _MOST_CHARACTERS]
    for one, utterance, sounds in zip(some, words, _sounds(words, front_end, processes), strict=True):
        if lost := sorted(_signs(sounds) - front_end.spoken):
            uncovered.append(case(one, " ".join(map(shown, lost))))
        if len(id_sequences(front_end, utterance, sounds)) > 1:
            too_long.append(_long(one))
    yield from finding(
        Level.WARNING,
        "uncovered-sounds",
        "No symbol covers some sounds of these texts, and they are left out.",
        "Write such words as they are spoken in the voice's language.",
        uncovered,
    )
    yield from finding(
        Level.WARNING,
        "too-long-text",
        f"Some texts have more than {MOST_SYMBOLS} sounds, and are left out of the training.",
        "Cut them, and their recordings, at pauses into sentences of 2 to 12 seconds.",
        too_long,
    )


def _long(one: Measured) -> Case:
    return case(one, f"{len(one.recording.text)} characters")


def _front_end(language: str) -> FrontEnd:
    try:
        return front_end_of(language)
    except ValidationError as error:
        raise InvalidInput("A language is named as espeak-ng names it, such as en-us or de.") from error


def _sounds(words: Sequence[Sequence[SpokenWord]], front_end: FrontEnd, processes: int) -> list[list[str]]:
    try:
        return sounds_of_all(words, front_end, processes)
    except ModelCorrupt as error:
        raise InvalidInput("espeak-ng does not have the language of the texts.") from error


def _signs(sounds: Sequence[str]) -> set[str]:
    return set(unicodedata.normalize("NFD", "".join(sounds)))
