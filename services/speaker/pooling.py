"""From what was heard in each window to one answer for the recording. Training's evaluation imports it, too."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from services.speaker.answers import SECONDS_DECIMALS, Age, Gender, Reason, Segment, age, gender, no_age, no_gender
from services.speaker.calibration import AgeCalibration, Calibration, GenderCalibration
from shared.age_groups import OLDEST_YEARS

_SPEECH = 0.5
"""A step that is likelier to be speech than not is."""
_LEAST_WINDOW_SPEECH_SECONDS = 0.2
"""In a segment less is none: the frames at a pause's edge reach into the speech beyond it."""
_LOW, _MIDDLE, _HIGH = 0.1, 0.5, 0.9
_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was heard in the n windows of one recording."""

    seconds: NDArray[np.float64]
    """[n]: speech in each; what a window weighs."""
    several: NDArray[np.float32]
    """[n]"""
    voice: NDArray[np.float32]
    """[n] or [n, years]"""

    @property
    def speech_seconds(self) -> float:
        """All speech."""
        return float(self.seconds.sum())

    def mean(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the mean of [n, ...] over all speech, of which there has to be some."""
        return np.average(values, axis=0, weights=self.seconds)

    def of(self, windows: slice) -> "Evidence":
        """Return the evidence of some windows."""
        return Evidence(self.seconds[windows], self.several[windows], self.voice[windows])


def speech_seconds(speech: NDArray[np.float32], own: NDArray[np.bool_], step_seconds: float) -> NDArray[np.float64]:
    """Return the speech in each window's own part, [n, steps] to [n]."""
    return np.asarray(((speech > _SPEECH) & own).sum(axis=1) * step_seconds, np.float64)


def gender_of(evidence: Evidence, calibration: GenderCalibration) -> Gender:
    """Return the gender of whom is heard in a recording."""
    reason = _obstacle(evidence, calibration, calibration.least_speech_seconds)
    if not reason and disagreement(evidence, calibration) > calibration.most_disagreement:
        reason = "several_voices"
    return no_gender(reason) if reason else _weighed(evidence, calibration)


def age_of(evidence: Evidence, calibration: AgeCalibration) -> Age:
    """Return the age of whom is heard in a recording."""
    if reason := _obstacle(evidence, calibration, calibration.least_speech_seconds):
        return no_age(reason)
    likely = np.maximum(evidence.mean(evidence.voice), _SMALLEST) ** (1 / calibration.temperature)
    low, years, high = _quantiles(likely / likely.sum(), calibration.years[0])
    interval = _widened(low, high, calibration.interval_widening_years)
    if interval[1] - interval[0] > calibration.most_interval_years:
        return no_age("uncertain")
    return age(years, interval)


def segments_of(
    evidence: Evidence, steps: Sequence[int], step_seconds: float, calibration: GenderCalibration, end_seconds: float
) -> list[Segment]:
    """Return the runs of windows that say the same; `steps` [n] are those that each window has for its own."""
    alone = [_alone(evidence.of(slice(window, window + 1)), calibration) for window in range(len(steps))]
    edges = np.minimum(np.cumsum([0, *steps]) * step_seconds, end_seconds)
    edges[-1] = end_seconds
    segments = []
    for _, run in groupby(range(len(steps)), lambda window: (alone[window].label, alone[window].reason)):
        windows = list(run)
        start, end = (round(float(edges[edge]), SECONDS_DECIMALS) for edge in (windows[0], windows[-1] + 1))
        same = alone[windows[0]]
        is_weighed = same.reason in (None, "uncertain")
        whole = evidence.of(slice(windows[0], windows[-1] + 1))
        segments.append(Segment(start, end, _weighed(whole, calibration) if is_weighed else same))
    return segments


def _alone(evidence: Evidence, calibration: GenderCalibration) -> Gender:
    """Judge one window, whatever those around it say."""
    if evidence.speech_seconds < _LEAST_WINDOW_SPEECH_SECONDS:
        return no_gender("no_speech")
    reason = _obstacle(evidence, calibration, 0.0)
    return no_gender(reason) if reason else _weighed(evidence, calibration)


def _obstacle(evidence: Evidence, calibration: Calibration, least_speech_seconds: float) -> Reason | None:
    if not evidence.speech_seconds:
        return "no_speech"
    if evidence.speech_seconds < least_speech_seconds:
        return "too_little_speech"
    return "several_voices" if evidence.mean(evidence.several) > calibration.most_several else None


def _weighed(evidence: Evidence, calibration: GenderCalibration) -> Gender:
    female = float(_likely(evidence.mean(evidence.voice), calibration))
    return gender(female, "uncertain" if max(female, 1 - female) < calibration.least_score else None)


def disagreement(evidence: Evidence, calibration: GenderCalibration) -> float:
    """Return the smaller share of speech in windows that are sure of one gender."""
    female = _likely(evidence.voice, calibration)
    sure = [evidence.seconds[of >= calibration.sure_score].sum() for of in (female, 1 - female)]
    return float(min(sure) / max(sum(sure), _SMALLEST))


def _likely(logits: NDArray[np.floating], calibration: GenderCalibration) -> NDArray[np.float64]:
    bounded = np.clip(np.asarray(logits, np.float64) / calibration.temperature, -50, 50)
    return np.asarray(1 / (1 + np.exp(-bounded)))


def _quantiles(likely: NDArray[np.float64], first_year: int) -> tuple[float, float, float]:
    """Return the low edge, the middle and the high edge of an age; a year stands for the half years around it."""
    edges = first_year - 0.5 + np.arange(len(likely) + 1)
    below = np.concatenate([[0.0], np.cumsum(likely)])
    low, middle, high = np.interp([_LOW, _MIDDLE, _HIGH], below, edges)
    return float(low), float(middle), float(high)


def _widened(low: float, high: float, years: float) -> tuple[float, float]:
    return max(0.0, low - years), min(float(OLDEST_YEARS), high + years)
