"""Measure how something was said: pitch, its range, speed, level and brightness. Used in training and in tests."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.tts.speech import Samples
from services.tts.styles.world import f0_of

_FRAME_SECONDS = 0.01
_ACTIVE_BELOW_PEAK_DB = 30.0
_LONGEST_GAP_SECONDS = 0.15
_F0_SEARCH_HZ = (55.0, 600.0)
_BRIGHT_FROM_HZ, _BRIGHT_TO_HZ, _DARK_FROM_HZ = 1_000, 5_000, 50


@dataclass(frozen=True, slots=True)
class Manner:
    """Measures of one recording. Differences or ratios of two of the same words tell how the manner differs."""

    f0_hz: float
    """Median of the voiced frames."""
    f0_range_semitones: float
    """From the 10th to the 90th percentile of the voiced frames."""
    active_seconds: float
    """Length without the silence at the ends and without pauses above 150 ms."""
    level_db: float
    """Mean power of the active frames, in dB of full scale."""
    tilt_db: float
    """Power of 1 to 5 kHz over power of 50 to 1,000 Hz in voiced frames (alpha ratio; eGeMAPS, Eyben et al. 2016)."""


def manner(samples: Samples, sample_rate_hz: int) -> Manner:
    """Measure a recording of shape (n,) of one voice. Raises ValueError if nothing in it is voiced."""
    active = _active(samples, sample_rate_hz)
    f0, _ = f0_of(samples.astype(np.float64), sample_rate_hz, _F0_SEARCH_HZ, _FRAME_SECONDS)
    count = min(len(active), len(f0))  # the two count differently at the end
    active, f0 = active[:count], f0[:count]
    voiced = active & (f0 > 0)
    if voiced.sum() < 5:
        raise ValueError("no voiced speech")
    low, high = np.percentile(f0[voiced], (10, 90))
    frames = _frames(samples, sample_rate_hz)[:count]
    return Manner(
        f0_hz=float(np.median(f0[voiced])),
        f0_range_semitones=float(12 * np.log2(high / low)),
        active_seconds=float(active.sum() * _FRAME_SECONDS),
        level_db=float(10 * np.log10(np.mean(np.square(frames[active])) + 1e-12)),
        tilt_db=_tilt_db(frames[voiced], sample_rate_hz),
    )


def _frames(samples: Samples, sample_rate_hz: int) -> NDArray[np.float64]:
    size = round(_FRAME_SECONDS * sample_rate_hz)
    return samples[: len(samples) // size * size].reshape(-1, size).astype(np.float64)


def _active(samples: Samples, sample_rate_hz: int) -> NDArray[np.bool_]:
    """Mark the frames within 30 dB of the loudest, short gaps filled."""
    level_db = 10 * np.log10(np.mean(np.square(_frames(samples, sample_rate_hz)), axis=1) + 1e-12)
    active = np.asarray(level_db > np.percentile(level_db, 98) - _ACTIVE_BELOW_PEAK_DB, np.bool_)
    loud = np.flatnonzero(active)
    for start, end in pairwise(loud):
        if (end - start) * _FRAME_SECONDS <= _LONGEST_GAP_SECONDS:
            active[start:end] = True
    return active


def _tilt_db(frames: NDArray[np.float64], sample_rate_hz: int) -> float:
    power = np.mean(np.square(np.abs(np.fft.rfft(frames * np.hanning(frames.shape[1]), n=1024))), axis=0)
    hz = np.fft.rfftfreq(1024, 1 / sample_rate_hz)
    bright = power[(hz >= _BRIGHT_FROM_HZ) & (hz < _BRIGHT_TO_HZ)].sum()
    dark = power[(hz >= _DARK_FROM_HZ) & (hz < _BRIGHT_FROM_HZ)].sum()
    return float(10 * np.log10((bright + 1e-12) / (dark + 1e-12)))
