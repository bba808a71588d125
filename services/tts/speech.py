"""What a synthesis engine is asked for and what it gives back. No HTTP, no file formats."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from services.tts.child import Limits
from services.tts.settings import TTSSettings
from shared.metrics import Metrics
from shared.store.manifest import PublicConsent
from shared.text.document import EMOTIONS

Samples = NDArray[np.float32]
"""Mono sound, shape (n,), from -1 to 1."""

Gender = Literal["male", "female", "neutral"]

EngineMember = Literal["rate", "pitch", "pitch_range"]
"""What of the prosody an engine may be able to change itself, for a whole sentence."""

ENGINES = {
    "flite": "services.tts.engines.flite:Flite",
    "espeak": "services.tts.engines.espeak:Espeak",
    "trained": "services.tts.engines.trained:Trained",
    "coqui": "services.tts.engines.coqui:Coqui",
    "fake": "services.tts.engines.fake:Fake",
}
"""Engine name -> module:class."""


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


class VisemeTime(NamedTuple):
    """When the mouth begins to take a form, as `services.tts.visemes` names it."""

    seconds: float
    viseme: str


@dataclass(frozen=True, slots=True)
class Speech:
    """Sound with one time for each word, in order, never overlapping, inside the sound."""

    samples: Samples
    sample_rate_hz: int
    words: tuple[WordTime, ...]
    visemes: tuple[VisemeTime, ...] = ()
    """In order; none from engines that do not tell their sounds."""

    def sounding(self, samples: Samples) -> "Speech":
        """Return the speech with other sound, of which nothing has moved."""
        return replace(self, samples=samples)

    def moved(self, samples: Samples, moment: Callable[[float], float]) -> "Speech":
        """Return the speech with other sound, in which what was at some second is at `moment` of it."""
        end_seconds = len(samples) / self.sample_rate_hz

        def inside(seconds: float) -> float:
            return min(max(moment(seconds), 0.0), end_seconds)

        words = (WordTime(one.index, inside(one.start_seconds), inside(one.end_seconds)) for one in self.words)
        visemes = (VisemeTime(inside(one.seconds), one.viseme) for one in self.visemes)
        return Speech(samples, self.sample_rate_hz, tuple(words), tuple(visemes))

    @property
    def seconds(self) -> float:
        """Length of the sound."""
        return len(self.samples) / self.sample_rate_hz


class Speaks(Protocol):
    """What speaks utterances."""

    async def speak(self, utterance: Utterance) -> Speech:
        """Speak one sentence. Raises ModelNotFound (voice), InvalidMarkup (unknown IPA), EngineFailed, TimedOut."""


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
    tells_visemes: bool = False
    """Whether its speech says when which sound is heard."""
    noncommercial: bool = False
    """Whether the licence, or that of what the model learned from, allows no commercial use."""
    consent: PublicConsent | None = None
    """Why a person's voice may be used."""
    version: str | None = None
    """The model's `name/version`; None: `model` is all there is to tell."""
    emotion: str | None = None
    """Of a voice in `trained`: what it speaks in by itself."""
    trained: Mapping[str, "VoiceInfo"] = field(default_factory=dict)
    """By emotion, the voice as it speaks where a model was trained on that emotion; any other is made by reshaping."""
    spoken_by: Speaks | None = None
    """Of a voice that may change or go while the service runs: what speaks it now, and for as long as somebody holds
    this. None: the engine."""

    @property
    def model(self) -> str:
        """What speaks, by name: `alice/3`, or `flite/slt`."""
        return self.version or f"{self.engine}/{self.id}"

    def speaking_in(self, emotion: str) -> "VoiceInfo":
        """Return the voice that was trained on that emotion, else this one, whose speech has to be reshaped."""
        return self.trained.get(emotion, self)


class TTSEngine(Speaks, Protocol):
    """Speaks utterances; safe for as many at once as it has slots, others wait their turn."""

    def __init__(self, slots: int = 1, limits: Limits | None = None) -> None:
        """Take how many sentences are spoken at once, and what each may use."""

    @classmethod
    def configured(cls, settings: TTSSettings, metrics: Metrics) -> Self:
        """Return the engine as the settings want it."""
        return cls(settings.slots, Limits(seconds=settings.sentence_timeout_seconds))

    async def start(self) -> None:
        """Make ready to speak. Raises EngineFailed if the engine is not installed."""

    async def close(self) -> None:
        """End all that was started."""

    def voices(self) -> Sequence[VoiceInfo]:
        """Return the voices as they are now, known once started; the same object for as long as nothing has changed."""
