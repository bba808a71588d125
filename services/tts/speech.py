"""What a synthesis engine is asked for and what it gives back. No HTTP, no file formats."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from shared.text.document import EMOTIONS

Samples = NDArray[np.float32]
"""Mono sound, shape (n,), from -1 to 1."""

Gender = Literal["male", "female", "neutral"]

EngineMember = Literal["rate", "pitch", "pitch_range"]
"""What of the prosody an engine may be able to change itself, for a whole sentence."""

ENGINES = {
    "flite": "services.tts.engines.flite:Flite",
    "espeak": "services.tts.engines.espeak:Espeak",
    "fake": "services.tts.engines.fake:Fake",
}
"""Engine name -> module:class. Each class takes `slots: int` and `limits: child.Limits`."""


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """One written word; `text` may hold several spoken ones ("twenty three dollars") or none ("")."""

    text: str
    ipa: str | None = None
    """Spoken in place of `text`."""
    after: str = ""
    """Punctuation behind the word that shapes the phrasing, such as "," or "?"."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence in one voice, and factors on the voice's own manner, of which engines make what they can."""

    words: tuple[SpokenWord, ...]
    voice: str
    language: str
    rate: float = 1.0
    pitch: float = 1.0
    pitch_range: float = 1.0


@dataclass(frozen=True, slots=True)
class WordTime:
    """When the word `Utterance.words[index]` sounds."""

    index: int
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound with one time for each word, in order, never overlapping, inside the sound."""

    samples: Samples
    sample_rate_hz: int
    words: tuple[WordTime, ...]

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / self.sample_rate_hz


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """What a caller may know of a voice before choosing it."""

    id: str
    name: str
    language: str
    """BCP 47, such as `en-us`."""
    gender: Gender
    engine: str
    sample_rate_hz: int
    licence: str
    changes: tuple[EngineMember, ...] = ("rate",)
    """Which factors of an utterance the engine makes itself in this voice."""
    emotions: tuple[str, ...] = EMOTIONS


class TTSEngine(Protocol):
    """Speaks utterances; safe for as many at once as it has slots, others wait their turn."""

    async def start(self) -> None:
        """Make ready to speak. Raises EngineFailed if the engine is not installed."""

    async def close(self) -> None:
        """End all that was started."""

    def voices(self) -> Sequence[VoiceInfo]:
        """Return the voices; known once started."""

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak one sentence; cancelling ends the work at once.

        Raises ModelNotFound (voice), InvalidMarkup (unknown IPA), EngineFailed, TimedOut.
        """
