"""What is spoken of a text, in symbols: by the TTS service's own code, so that training and serving cannot differ."""

from collections.abc import Iterator, Sequence

from services.tts.front_end import FrontEnd, id_sequences, sounds_of_all, spoken_words
from training.shared.workers import cores
from training.voices.symbols import END, START, symbols


def front_end_of(language: str) -> FrontEnd:
    """Return the front end of a voice that is trained here; `language` is espeak-ng's name of one."""
    return FrontEnd(phonemizer="espeak", language=language, symbols=symbols(), start=START, end=END)


def ids_of(texts: Sequence[str], front_end: FrontEnd) -> Iterator[tuple[int, ...]]:
    """Yield the ids of each text; none for one in which there is nothing to speak, or that is too long for one go.

    Raises TooLarge for a number too long to be spoken, ModelCorrupt for a language that espeak-ng does not have.
    """
    spoken = [spoken_words(text, front_end.language) for text in texts]
    for words, sounds in zip(spoken, sounds_of_all(spoken, front_end, cores()), strict=True):
        sequences = id_sequences(front_end, words, sounds)
        yield sequences[0].ids if len(sequences) == 1 else ()


def bare(text: str) -> str:
    """Return words in small letters without punctuation: how a word is written says nothing of how it is spoken."""
    letters = (each if each.isalnum() or each == "'" else " " for each in text.casefold())
    return " ".join("".join(letters).split())
