"""An utterance as one row of numbers: statistics of its contours, after GeMAPS (Eyben et al. 2016).

None of them tells how loud it is: that is a matter of microphones, and data sets are often brought to one level.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from training.shared.sounds import Samples
from training.voices.listener.contours import COEFFICIENTS, FRAME_SECONDS, Contours, Curve, contours

_END_SECONDS = 0.3
_NUCLEUS_DIP_DB = 2.0
"""By which the level falls between two syllables (de Jong and Wempe 2009)."""
_NUCLEUS_BELOW_PEAK_DB = 25.0
_SMOOTHING = np.hanning(9)[1:-1] / np.hanning(9).sum()

Measures = dict[str, float]


def measures(samples: Samples) -> Measures:
    """Measure sound of shape (n,) at 16 kHz. Raises ValueError where too little of it is voiced."""
    followed = contours(samples)
    return {
        **dict(_pitch(followed)),
        **dict(_level(followed)),
        **dict(_spectrum(followed)),
        **dict(_timing(followed)),
    }


Named = Iterator[tuple[str, float]]


def _pitch(followed: Contours) -> Named:
    pitch = followed.f0_semitones[followed.voiced]
    places = np.flatnonzero(followed.voiced)
    low, middle, high = np.percentile(pitch, (15, 50, 85))
    yield "pitch", middle
    yield "pitch_low", low
    yield "pitch_high", high
    yield "pitch_range", high - low
    yield "pitch_deviation", float(pitch.std())
    yield "pitch_skew", (high + low - 2 * middle) / max(high - low, 1.0)
    yield "pitch_slope", _slope(places, pitch)
    yield "pitch_peak_place", places[int(np.argmax(pitch))] / len(followed.voiced)
    at_end = places >= places[-1] - _END_SECONDS / FRAME_SECONDS
    yield "pitch_end", float(pitch[at_end].mean() - pitch.mean())
    yield "pitch_end_slope", _slope(places[at_end], pitch[at_end])
    yield from _movement("pitch", np.diff(followed.f0_semitones))


def _level(followed: Contours) -> Named:
    level = _smooth(followed.level_db)
    low, high = np.percentile(level, (20, 90))
    yield "level_range", high - low
    yield "level_deviation", float(level.std())
    yield "level_slope", _slope(np.arange(len(level)), level)
    yield "level_peak_place", int(np.argmax(level)) / len(level)
    yield from _movement("level", np.diff(level))


def _movement(name: str, steps: Curve) -> Named:
    """Yield how fast it rises and falls, a second."""
    rising, falling = steps[steps > 0], steps[steps < 0]
    yield f"{name}_rise", float(rising.mean()) / FRAME_SECONDS if len(rising) else 0.0
    yield f"{name}_fall", float(falling.mean()) / FRAME_SECONDS if len(falling) else 0.0


def _spectrum(followed: Contours) -> Named:
    voiced = followed.voiced
    for name in ("alpha_db", "hammarberg_db", "low_slope_db", "centroid_khz", "flux", "harmonics_db"):
        curve = getattr(followed, name)[voiced]
        yield name, float(curve.mean())
        yield f"{name}_deviation", float(curve.std())
    steps = np.diff(followed.cepstrum, axis=0)
    for index in range(1, COEFFICIENTS):
        yield f"cepstrum_{index}", float(followed.cepstrum[voiced, index].mean())
        yield f"cepstrum_{index}_deviation", float(followed.cepstrum[voiced, index].std())
        yield f"cepstrum_{index}_movement", float(np.abs(steps[:, index]).mean())


def _timing(followed: Contours) -> Named:
    voiced, seconds = followed.voiced, len(followed.voiced) * FRAME_SECONDS
    edges = np.flatnonzero(np.diff(np.pad(voiced.astype(int), 1)))
    stretches = (edges[1::2] - edges[::2]) * FRAME_SECONDS
    quiet = followed.level_db < followed.level_db.max() - _NUCLEUS_BELOW_PEAK_DB
    yield "voiced_share", float(voiced.mean())
    yield "voiced_seconds", float(stretches.mean())
    yield "voiced_seconds_deviation", float(stretches.std())
    yield "voiced_stretches_a_second", len(stretches) / seconds
    yield "quiet_share", float(quiet.mean())
    yield "nuclei_a_second", _nuclei(followed) / seconds


def _nuclei(followed: Contours) -> int:
    """Count the peaks of the level that are voiced and stand out from what is before them."""
    level = _smooth(followed.level_db)
    least = level.max() - _NUCLEUS_BELOW_PEAK_DB
    peaks = np.flatnonzero((level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:])) + 1
    count, before = 0, 0
    for peak in peaks[(level[peaks] > least) & followed.voiced[peaks]].tolist():
        if not count or min(level[before:peak]) < min(level[before], level[peak]) - _NUCLEUS_DIP_DB:
            count += 1
            before = peak
        elif level[peak] > level[before]:
            before = peak
    return count


def _smooth(curve: Curve) -> Curve:
    """Return a mean of seven frames; beyond the ends, the curve stays as it ends."""
    return np.convolve(np.pad(curve, len(_SMOOTHING) // 2, mode="edge"), _SMOOTHING, "valid")


def _slope(places: NDArray[np.int64], values: Curve) -> float:
    """Return the change a second of the line through the values."""
    if len(places) < 2:
        return 0.0
    seconds = (places - places.mean()) * FRAME_SECONDS
    return float(seconds @ values / np.square(seconds).sum())
