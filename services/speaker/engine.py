"""What an engine that knows speakers is: sound in, age and gender out, or why it does not say."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]

Reason = Literal["no_speech", "too_little_speech", "uncertain"]
"""Why an engine does not say."""

ENGINES = {
    "fake": "services.speaker.engines.fake:Fake",
    "fake-slow": "services.speaker.engines.fake:Slow",
    "fake-failing": "services.speaker.engines.fake:Failing",
}


@dataclass(frozen=True, slots=True)
class GenderScores:
    """How likely the voice is a woman's or a man's, as people hear it; they sum to one."""

    female: float
    male: float


@dataclass(frozen=True, slots=True)
class AgeEstimate:
    """Years, and between which of them the age lies in nine cases of ten."""

    years: float
    interval_years: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an engine says of one recording; of gender and age each, the reason stands in place of an answer."""

    speech_seconds: float
    """How much of the recording is speech."""
    gender: GenderScores | Reason
    age: AgeEstimate | Reason


class SpeakerEngine(Protocol):
    """Judges recordings. Stateless between calls, and called from several threads at once."""

    sample_rate_hz: int
    """Rate of the samples it takes."""

    @abstractmethod
    def judge(self, samples: Samples) -> Judgement:
        """Judge mono sound, float32 (n,) within [-1, 1] at `sample_rate_hz`; n may be 0. Blocks.

        Raises EngineFailed.
        """
