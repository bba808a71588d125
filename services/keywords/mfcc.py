"""MFCCs as the well-known tutorials of keyword spotting take them from librosa, without librosa."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from shared.mel import mel_filters, power_spectrum

_BLOCK_WINDOWS = 16
_SMALLEST_POWER = 1e-10
_MOST_DECIBELS_BELOW_PEAK = 80.0


@dataclass(frozen=True)
class Mfcc:
    """Cepstra of mel bands. Frames reach beyond the window's ends, and its loudest band counts for all its frames.

    So windows share nothing, may start anywhere, and one costs the same wherever it stands in a longer sound.
    """

    sample_rate_hz: int = 22_050
    window_samples: int = 22_050
    frame_samples: int = 2_048
    hop_samples: int = 512
    step_samples: int = 1
    bands: int = 128
    coefficients: int = 13
    kind: Literal["mfcc"] = "mfcc"

    @property
    def shape(self) -> tuple[int, int]:
        """Frames and coefficients of a picture."""
        return 1 + self.window_samples // self.hop_samples, self.coefficients

    def pictures(self, samples: NDArray[np.float32], step_samples: int | None = None) -> NDArray[np.float32]:
        """Return the pictures of windows, float32 (windows, frames, coefficients)."""
        if len(samples) < self.window_samples:
            return np.empty((0, *self.shape), np.float32)
        windows = sliding_window_view(samples, self.window_samples)[:: step_samples or len(samples)]
        blocks = (windows[start : start + _BLOCK_WINDOWS] for start in range(0, len(windows), _BLOCK_WINDOWS))
        return np.concatenate([self._cepstra(self._decibels(block)) for block in blocks])

    def _decibels(self, windows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the level of each band, (windows, frames, bands)."""
        beyond = self.frame_samples // 2
        # float32 would be 80 dB below a loud tone no more than its own noise
        padded = np.pad(windows.astype(np.float64), ((0, 0), (beyond, beyond)))
        frames = sliding_window_view(padded, self.frame_samples, axis=1)[:, :: self.hop_samples]
        power = power_spectrum(frames.reshape(-1, self.frame_samples)) @ self._filters()
        levels: NDArray[np.float64] = 10 * np.log10(np.maximum(power, _SMALLEST_POWER))
        levels = levels.reshape(len(windows), -1, self.bands)
        return levels.clip(levels.max(axis=(1, 2), keepdims=True) - _MOST_DECIBELS_BELOW_PEAK)

    def _cepstra(self, levels: NDArray[np.float64]) -> NDArray[np.float32]:
        return (levels @ _cosines(self.bands)[:, : self.coefficients]).astype(np.float32)

    def _filters(self) -> NDArray[np.float32]:
        return mel_filters(self.sample_rate_hz, self.frame_samples, self.bands, 0.0, self.sample_rate_hz / 2)


@cache
def _cosines(bands: int) -> NDArray[np.float64]:
    """Return the orthonormal DCT-II as a matrix, (bands, bands), for levels @ cosines."""
    angles = np.pi / bands * np.outer(np.arange(bands) + 0.5, np.arange(bands))
    cosines: NDArray[np.float64] = np.cos(angles) * np.sqrt(2 / bands)
    cosines[:, 0] /= np.sqrt(2)
    return cosines
