"""From a document to sound, sentence by sentence."""

import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import numpy as np

from services.tts.engine import Engines
from services.tts.marks import SpeechMark
from services.tts.prepare import pieces_of
from services.tts.rendering import Rendered, rendered
from services.tts.speech import Samples
from services.tts.visemes import SILENCE
from services.tts.voices import Voices
from services.tts.wishes import Wishes
from shared.audio import resample
from shared.problems import InvalidInput
from shared.text.document import Document, Sentence
from shared.text.pauses import pause_after

_PUNCTUATION_SECONDS = 0.3
"""A short one: the pause behind a sentence is that of the text it stands in."""


@dataclass(frozen=True, slots=True)
class SpokenSentence:
    """Sound (float32 (n,), at the stream's rate) with the pause behind it, and its marks in the stream's time."""

    samples: Samples
    sample_rate_hz: int
    marks: tuple[SpeechMark, ...]

    @property
    def seconds(self) -> float:
        """Length with the pause."""
        return len(self.samples) / self.sample_rate_hz


class Speaker:
    """Speaks documents with the engines there are."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    @property
    def voices(self) -> Voices:
        """The voices as they are now; whoever holds them can have all of a document spoken in them."""
        return self._engines.voices

    async def speak(
        self, document: Document, wishes: Wishes, voices: Voices, rate_hz: int
    ) -> AsyncGenerator[SpokenSentence, None]:
        """Yield the sentences in order, at `rate_hz`. Cancelling ends the engines' work.

        Punctuation alone is the pause it stands for: programs that speak what a model writes, as it is written, send
        it, and those that try a key. Raises what `pieces_of` and the engines raise, and InvalidInput if there is
        nothing to hear in the end.
        """
        seconds = 0.0
        for sentence in document.sentences:
            is_last = sentence is document.sentences[-1]
            pause_seconds = pause_after(paragraph_end=sentence.paragraph_end, is_last=is_last)
            parts = [await rendered(piece, wishes, self._engines) for piece in pieces_of(sentence, wishes, voices)]
            spoken = _joined(sentence, parts, rate_hz, seconds, pause_seconds)
            seconds += spoken.seconds
            yield spoken
        if not seconds:
            if not _is_punctuation(document):
                raise InvalidInput("There is nothing in this text that can be spoken.", param="input")
            yield SpokenSentence(np.zeros(round(_PUNCTUATION_SECONDS * rate_hz), np.float32), rate_hz, ())


def _is_punctuation(document: Document) -> bool:
    letters = "".join("".join(sentence.text.split()) for sentence in document.sentences)
    return all(unicodedata.category(letter).startswith("P") for letter in letters)


def _closing(marks: list[SpeechMark], seconds: float) -> list[SpeechMark]:
    """Return the mouth's rest behind a sentence, unless it rests already, or nothing is told of it."""
    visemes = [mark.value for mark in marks if mark.type == "viseme"]
    return [SpeechMark(seconds, "viseme", None, None, SILENCE)] if visemes and visemes[-1] != SILENCE else []


def _joined(
    sentence: Sentence, parts: list[Rendered], rate_hz: int, start_seconds: float, pause_seconds: float
) -> SpokenSentence:
    """Put the pieces of a sentence behind each other, the stream's time being `start_seconds`."""
    marks: list[SpeechMark] = []
    sounds: list[Samples] = []
    now_seconds = start_seconds
    for part in parts:
        samples = resample(part.samples, part.sample_rate_hz, rate_hz)
        marks += [mark.later(now_seconds) for mark in part.marks]
        now_seconds += len(samples) / rate_hz
        sounds.append(samples)
    if now_seconds > start_seconds:  # a smiley alone is no reason for a mark or a pause
        marks.insert(0, SpeechMark(start_seconds, "sentence", sentence.start, sentence.end, sentence.text.strip()))
        sounds.append(np.zeros(round(pause_seconds * rate_hz), np.float32))
        marks += _closing(marks, now_seconds)
    return SpokenSentence(np.concatenate(sounds), rate_hz, tuple(marks))
