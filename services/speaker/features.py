"""Sound as the speaker networks see it: how its power is spread, and at which periods it repeats itself.

What tells a woman's voice from a man's, and a young one from an old one, is pitch and the length of the vocal tract.
Mel bands of a short window show the tract; the periods of a longer one show the pitch, which mel bands blur.
Training imports it from here.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from shared.mel import mel_filters, power_spectrum

Samples = NDArray[np.float32]
Frames = NDArray[np.float32]

_BLOCK_FRAMES = 32
"""So few that what each step makes is small enough for memory to be used again; larger blocks take fresh pages from the
system each time, which takes longer than the work."""
_LEVEL_SAMPLES = 512
_SMALLEST_POWER = 1e-5
_ROOT = 0.3
"""Power of the spectrum whose inverse is the autocorrelation: small, so that formants do not hide the harmonics
(Tolonen and Karjalainen 2000, doi:10.1109/89.876309)."""
_HIGHEST_HARMONIC_HZ = 4_000


@dataclass(frozen=True)
class VoiceFeatures:
    """Logarithms of power in mel bands beside how much the sound is like itself some time later. Stateless."""

    sample_rate_hz: int = 16_000
    step_samples: int = 256
    frame_samples: int = 1024
    """Of the window for periods; that for bands is the half of it in the middle."""
    bands: int = 64
    lowest_hz: float = 60.0
    highest_hz: float = 7_600.0
    periods: int = 48
    """Ranges of periods, evenly spaced on a logarithmic scale; each has the likeness of its best one."""
    lowest_pitch_hz: float = 60.0
    highest_pitch_hz: float = 500.0
    loudness: float = 0.05
    """Root mean square that the louder half of every sound is brought to, counted in blocks of 512 samples."""
    most_gain: float = 100.0
    """What is softer than this brings to `loudness`, as the noise of a silent room, stays softer."""

    @property
    def bins(self) -> int:
        """Numbers in a frame."""
        return self.bands + self.periods

    def frames(self, samples: Samples) -> Frames:
        """Return the frames of mono sound within [-1, 1], float32 (1 + (n - frame_samples) // step_samples, bins).

        Sound shorter than a frame has none; frames of digital silence are finite.
        """
        if len(samples) < self.frame_samples:
            return np.empty((0, self.bins), np.float32)
        cut = sliding_window_view(self._levelled(samples), self.frame_samples)[:: self.step_samples]
        blocks = (cut[start : start + _BLOCK_FRAMES] for start in range(0, len(cut), _BLOCK_FRAMES))
        return np.concatenate([np.concatenate([self._bands(each), self._periods(each)], 1) for each in blocks])

    def _levelled(self, samples: Samples) -> Samples:
        """Bring the louder half of the sound to `loudness`, so that pauses make no voice louder than it would be."""
        blocks = samples[: len(samples) // _LEVEL_SAMPLES * _LEVEL_SAMPLES].reshape(-1, _LEVEL_SAMPLES)
        powers = np.sort(np.mean(np.square(blocks, dtype=np.float64), axis=1))
        loudness = np.sqrt(powers[len(powers) // 2 :].mean())
        levelled: Samples = samples * np.float32(min(self.loudness / max(loudness, 1e-9), self.most_gain))
        return levelled

    def _bands(self, windows: Samples) -> Frames:
        middle = windows[:, self.frame_samples // 4 : -self.frame_samples // 4]
        filters = mel_filters(self.sample_rate_hz, middle.shape[1], self.bands, self.lowest_hz, self.highest_hz)
        logarithms: Frames = np.log(power_spectrum(middle) @ filters + np.float32(_SMALLEST_POWER))
        return logarithms

    def _periods(self, windows: Samples) -> Frames:
        harmonics = _HIGHEST_HARMONIC_HZ * 2 * self.frame_samples // self.sample_rate_hz
        powers = power_spectrum(windows, 2 * self.frame_samples)[:, :harmonics]
        # Complex, as irfft would else make it by a slow copy.
        spectrum = np.zeros((len(windows), self.frame_samples + 1), np.complex64)
        spectrum[:, :harmonics] = powers ** np.float32(_ROOT)
        likeness = np.fft.irfft(spectrum)
        starts, end = _ranges(self.sample_rate_hz, self.lowest_pitch_hz, self.highest_pitch_hz, self.periods)
        best = np.maximum.reduceat(likeness[:, :end], starts, axis=1)
        return np.asarray(best / np.maximum(likeness[:, :1], 1e-9), np.float32)


@cache
def _ranges(sample_rate_hz: int, lowest_hz: float, highest_hz: float, count: int) -> tuple[NDArray[np.int64], int]:
    """Return where each range of periods starts, in whole samples, and where the last one ends.

    The peak of a low voice is narrower than the periods lie apart: looked at only there, it would be missed.
    """
    edges = np.geomspace(sample_rate_hz / highest_hz, sample_rate_hz / lowest_hz, count + 1)
    whole = np.rint(edges).astype(np.int64)
    return whole[:-1], int(whole[-1])
