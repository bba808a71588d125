"""Engines without a model: they guess from the pitch, always the same. For tests; the answers mean nothing."""

import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.speaker.calibration import AgeCalibration, GenderCalibration
from services.speaker.engine import Heard, SpeakerEngine, Task
from services.speaker.features import Frames, VoiceFeatures
from services.speaker.windows import STEP_FRAMES, Cut
from shared.problems import EngineFailed
from shared.store import LocalModel

WINDOW_FRAMES: Final = 160
FIRST_YEAR, LAST_YEAR = 5, 95
_LOUD = -6.0
"""Logarithm of a band's power above which there is sound."""
_MIDDLE_HZ, _SLOPE_HZ = 155.0, 15.0
_SPREAD_YEARS = 6.0


class Fake(SpeakerEngine):
    """Takes all that is not silent for speech, high voices for women's and young ones."""

    needs_model = False
    cut = Cut(VoiceFeatures(), WINDOW_FRAMES)
    licence = "none: for tests"
    noncommercial = False

    def __init__(self, task: Task, model: LocalModel | None = None, threads: int = 1) -> None:
        """Take the task, and ignore what the real engine needs."""
        self.is_for_age = task == "speaker-age"
        common = {"least_speech_seconds": 1.0, "most_several": 0.5, "temperature": 1.0}
        self.calibration = (
            AgeCalibration(
                **common, years=(FIRST_YEAR, LAST_YEAR), interval_widening_years=0.0, most_interval_years=60.0
            )
            if self.is_for_age
            else GenderCalibration(**common, least_score=0.55, sure_score=0.9, most_disagreement=0.2)
        )

    def hear(self, frames: Frames) -> Heard:
        """Judge each window by its median pitch; never several voices."""
        bands = self.cut.features.bands
        loud = frames[:, :, :bands].max(axis=2) > _LOUD
        pitches = _pitches_hz(self.cut.features)[frames[:, :, bands:].argmax(axis=2)]
        heard = zip(pitches, loud, strict=True)
        middle = np.array([np.median(row[is_loud]) if is_loud.any() else 0 for row, is_loud in heard])
        speech = loud.reshape(len(frames), -1, STEP_FRAMES).all(axis=2).astype(np.float32)
        voice = _years(middle) if self.is_for_age else (middle - _MIDDLE_HZ) / _SLOPE_HZ
        return Heard(speech, np.zeros(len(frames), np.float32), voice.astype(np.float32))


class Slow(Fake):
    """Works as long as the windows last, but only once for each."""

    def hear(self, frames: Frames) -> Heard:
        """Judge as the base does, in time."""
        if not self.is_for_age:
            time.sleep(len(frames) * self.cut.steps * self.cut.step_seconds)
        return super().hear(frames)


class Failing(Fake):
    """Never judges."""

    def hear(self, frames: Frames) -> Heard:
        """Raise EngineFailed."""
        raise EngineFailed("The engine fails, as it was asked to.")


def _pitches_hz(features: VoiceFeatures) -> NDArray[np.float64]:
    """Return the pitch in the middle of each range of periods."""
    edges = np.geomspace(features.highest_pitch_hz, features.lowest_pitch_hz, features.periods + 1)
    return np.asarray(np.sqrt(edges[1:] * edges[:-1]))


def _years(pitches_hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how likely each year is, [n] to [n, years]."""
    middle = np.interp(pitches_hz, [60.0, 400.0], [80.0, 10.0])[:, None]
    likely = np.exp(-np.square((np.arange(FIRST_YEAR, LAST_YEAR + 1) - middle) / _SPREAD_YEARS) / 2)
    return np.asarray(likely / likely.sum(axis=1, keepdims=True))
