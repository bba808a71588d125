"""One piece of a sentence: spoken by its engine, shaped, and timed."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass

from services.tts.engine import Engines
from services.tts.marks import SpeechMark
from services.tts.prepare import Piece
from services.tts.speech import Samples, Speech
from services.tts.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Rendered:
    """Sound of one piece (float32 (n,)) and its marks, in seconds from its start."""

    samples: Samples
    sample_rate_hz: int
    marks: tuple[SpeechMark, ...]


async def rendered(piece: Piece, wishes: Wishes, engines: Engines) -> Rendered:
    """Speak `piece` as its words' styles, and else `wishes`, want it. Raises what the engine raises."""
    speech = await engines.speak(piece.utterance(wishes.speed))
    return Rendered(speech.samples, speech.sample_rate_hz, tuple(_marks(piece, speech)))


def _marks(piece: Piece, speech: Speech) -> Iterable[SpeechMark]:
    """Return the marks of words and tags in the order they are reached."""
    starts = [time.start_seconds for time in speech.words] + [speech.seconds]
    words = [
        SpeechMark(starts[index], "word", word.start, word.end, word.text) for index, word in enumerate(piece.words)
    ]
    tags = [SpeechMark(starts[index], "ssml", mark.start, mark.end, mark.name) for index, mark in piece.marks]
    return sorted([*tags, *words], key=lambda mark: mark.seconds)
