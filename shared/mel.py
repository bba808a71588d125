"""Power in mel bands, as librosa computes it (Slaney's scale and norm), without librosa."""

from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Real = TypeVar("Real", np.float32, np.float64)

_HZ_PER_MEL = 200 / 3
_BREAK_HZ = 1_000.0
_LOG_STEP = np.log(6.4) / 27
"""Slaney's Auditory Toolbox (1998): linear below 1 kHz, logarithmic above it."""


def power_spectrum(frames: NDArray[Real], fft_samples: int | None = None) -> NDArray[Real]:
    """Return |FFT|^2 of frames under a Hann window: (n, samples) to (n, fft_samples // 2 + 1), in their precision.

    `fft_samples` is the frames' length by default; where it is more, zeros follow them.
    """
    spectrum = np.fft.rfft(frames * _hann(frames.shape[1]).astype(frames.dtype), fft_samples)
    return np.square(spectrum.real) + np.square(spectrum.imag)


@cache
def mel_filters(
    sample_rate_hz: int, frame_samples: int, bands: int, lowest_hz: float, highest_hz: float
) -> NDArray[np.float32]:
    """Return the triangles of equal area, float32 (frame_samples // 2 + 1, bands), for power @ filters."""
    edges = hz_of(np.linspace(mel_of(lowest_hz), mel_of(highest_hz), bands + 2))
    bins = np.fft.rfftfreq(frame_samples, 1 / sample_rate_hz)[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    triangles = np.clip(np.minimum(rising, falling), 0, None) * (2 / (edges[2:] - edges[:-2]))
    return triangles.astype(np.float32)


@cache
def _hann(samples: int) -> NDArray[np.float64]:
    """Return the periodic Hann window."""
    return np.hanning(samples + 1)[:-1]


def mel_of(hz: float | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return frequencies on Slaney's scale."""
    above = _BREAK_HZ / _HZ_PER_MEL + np.log(np.maximum(hz, _BREAK_HZ) / _BREAK_HZ) / _LOG_STEP
    return np.where(np.less(hz, _BREAK_HZ), np.divide(hz, _HZ_PER_MEL), above)


def hz_of(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the frequencies of places on Slaney's scale."""
    start = _BREAK_HZ / _HZ_PER_MEL
    return np.where(mel < start, mel * _HZ_PER_MEL, _BREAK_HZ * np.exp((mel - start) * _LOG_STEP))
