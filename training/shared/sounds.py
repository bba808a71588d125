"""Recordings as samples: read whatever their rate and channels, fitted to one window, as 16-bit numbers."""

from enum import StrEnum
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Numbers = NDArray[np.int16]

_RATES_HZ = range(4_000, 400_001)
_STEP_SECONDS = 0.01


class Damaged(Exception):
    """A file that holds no sound that can be read."""


class Outcome(StrEnum):
    """What became of a recording."""

    WHOLE = "whole"
    PADDED = "padded"
    CUT = "cut"
    SILENT = "silent"
    DAMAGED = "damaged"


def read_sound(path: str | Path, sample_rate_hz: int, most_seconds: float) -> Samples:
    """Return mono sound within [-1, 1] at a rate, at most its first `most_seconds`; raises Damaged."""
    samples, own_hz = read_channels(path, most_seconds)
    mono: Samples = samples.mean(axis=1) if samples.shape[1] > 1 else samples[:, 0]
    return mono if own_hz == sample_rate_hz else soxr.resample(mono, own_hz, sample_rate_hz, "HQ")


def read_channels(path: str | Path, most_seconds: float) -> tuple[Samples, int]:
    """Return all channels (n, channels) at the file's own rate, and that; at most the first `most_seconds`.

    Raises Damaged.
    """
    try:
        with soundfile.SoundFile(path) as file:
            own_hz = int(file.samplerate)
            samples: Samples = file.read(min(file.frames, int(most_seconds * own_hz)), "float32", always_2d=True)
    except (soundfile.SoundFileError, OSError) as error:
        raise Damaged(str(error)) from error
    _check(samples, own_hz)
    return samples, own_hz


def _check(samples: Samples, sample_rate_hz: int) -> None:
    if sample_rate_hz not in _RATES_HZ:
        raise Damaged(f"a sample rate of {sample_rate_hz} Hz is none of sound")
    if not len(samples):
        raise Damaged("it holds no sound")
    if not np.isfinite(samples).all():
        raise Damaged("it holds samples that are no numbers")


def fit(samples: Samples, window_samples: int, sample_rate_hz: int) -> tuple[Samples, Outcome]:
    """Return exactly one window: padded with zeros on both sides, or the loudest part of so many samples."""
    missing = window_samples - len(samples)
    if missing > 0:
        return np.pad(samples, (missing // 2, missing - missing // 2)), Outcome.PADDED
    if missing == 0:
        return samples, Outcome.WHOLE
    start = _loudest(samples, window_samples, int(_STEP_SECONDS * sample_rate_hz))
    return samples[start : start + window_samples], Outcome.CUT


def _loudest(samples: Samples, window_samples: int, step_samples: int) -> int:
    """Return where the window of most power starts; of equal ones the first."""
    energy = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    starts = np.arange(0, len(samples) - window_samples + 1, step_samples)
    return int(starts[np.argmax(energy[starts + window_samples] - energy[starts])])


def loudness(samples: Samples) -> float:
    """Return the root of the mean square; a little more than nothing for silence, as ratios need it."""
    return float(np.sqrt(np.mean(np.square(samples)))) + 1e-9


def numbers(samples: Samples) -> Numbers:
    """Return 16-bit numbers; those of a 16-bit file at its own rate come back as they were."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
