"""One piece of a sentence: spoken by its engine, shaped, and timed."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from services.tts.engine import Engines
from services.tts.marks import SpeechMark
from services.tts.prepare import Piece, Word
from services.tts.speech import Samples, Speech, VoiceInfo
from services.tts.styles.change import NO_CHANGE, ProsodyChange, markup_change, split_change
from services.tts.styles.emotion import emotion_change
from services.tts.styles.join import faded, with_pauses
from services.tts.styles.loudness import levelled, limited
from services.tts.styles.shape import shape
from services.tts.timing import silence
from services.tts.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Rendered:
    """Sound of one piece (float32 (n,)) and its marks, in seconds from its start."""

    samples: Samples
    sample_rate_hz: int
    marks: tuple[SpeechMark, ...]


async def rendered(piece: Piece, wishes: Wishes, engines: Engines) -> Rendered:
    """Speak `piece` as its words' styles, and else `wishes`, want it. Raises what the engine raises.

    Reshaping runs in a thread; each call of the vocoder in it holds other Python work up for some milliseconds.
    """
    voice = piece.voice
    own, changes = split_change([_change(word, wishes, voice) for word in piece.words], voice.changes)
    speech = await engines.speak(voice, piece.utterance(own)) if piece.words else silence(0, voice.sample_rate_hz)
    shaped = partial(_shaped, speech, changes, piece.pauses)
    # A thread costs more than neutral speech needs.
    speech = shaped() if all(change == NO_CHANGE for change in changes) else await asyncio.to_thread(shaped)
    return Rendered(speech.samples, speech.sample_rate_hz, tuple(_marks(piece, speech)))


def _change(word: Word, wishes: Wishes, voice: VoiceInfo) -> ProsodyChange:
    """Return all that differs from the way the voice speaks by itself: speed, emotion, markup.

    A voice that was trained on the emotion speaks it at intensity 1; the change is what is wanted beyond that, or less.
    """
    style = word.style
    emotion, intensity = style.emotion, 1.0 if style.intensity is None else style.intensity
    if emotion is None:
        emotion, intensity = wishes.emotion, wishes.intensity
    change = emotion_change(emotion, intensity - 1 if emotion == voice.emotion else intensity)
    return ProsodyChange(rate=wishes.speed).then(change).then(markup_change(style))


def _shaped(speech: Speech, changes: Sequence[ProsodyChange], pauses: Sequence[tuple[int, float]]) -> Speech:
    """Level the neutral speech first, so that an emotion's own loudness stays."""
    shaped = with_pauses(shape(levelled(speech), changes), pauses)
    return shaped.sounding(faded(limited(shaped.samples), shaped.sample_rate_hz))


def _marks(piece: Piece, speech: Speech) -> Iterable[SpeechMark]:
    """Return the marks of words, tags and visemes in the order they are reached."""
    starts = [time.start_seconds for time in speech.words] + [speech.seconds]
    words = [
        SpeechMark(starts[index], "word", word.start, word.end, word.text) for index, word in enumerate(piece.words)
    ]
    tags = [SpeechMark(starts[index], "ssml", mark.start, mark.end, mark.name) for index, mark in piece.marks]
    visemes = [SpeechMark(time.seconds, "viseme", None, None, time.viseme) for time in speech.visemes]
    return sorted([*tags, *words, *visemes], key=lambda mark: mark.seconds)
