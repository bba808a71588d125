"""Sound as a network sees it: one picture of frames and bins for each window. Training imports it from here."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from services.keywords.mfcc import Mfcc
from shared.mel import mel_filters, power_spectrum

Samples = NDArray[np.float32]
Pictures = NDArray[np.float32]

_BLOCK_FRAMES = 1024
_SMALLEST_POWER = 1e-6
"""Added before the logarithm: digital silence, and what is fainter than a quiet microphone, are the same."""


class Features(Protocol):
    """Turns sound into pictures. Stateless."""

    @property
    def sample_rate_hz(self) -> int:
        """Rate of the samples it takes."""

    @property
    def window_samples(self) -> int:
        """Length of sound that makes one picture."""

    @property
    def step_samples(self) -> int:
        """Windows may start at multiples of this."""

    @property
    def shape(self) -> tuple[int, int]:
        """Frames and bins of a picture."""

    @abstractmethod
    def pictures(self, samples: Samples, step_samples: int | None = None) -> Pictures:
        """Return the picture of each window of mono sound within [-1, 1], float32 (windows, frames, bins).

        Windows start every `step_samples`, a multiple of the class's own (by default: one window, at the start).
        Sound shorter than a window gives no picture.
        """


@dataclass(frozen=True)
class LogMel:
    """Logarithms of power in mel bands. Frames are not padded, so a window of a long sound is a slice of its frames."""

    sample_rate_hz: int = 16_000
    window_samples: int = 16_000
    frame_samples: int = 480
    step_samples: int = 160
    bands: int = 40
    lowest_hz: float = 20.0
    highest_hz: float = 7_600.0
    kind: Literal["log-mel"] = "log-mel"

    @property
    def shape(self) -> tuple[int, int]:
        """Frames and bins of a picture."""
        return 1 + (self.window_samples - self.frame_samples) // self.step_samples, self.bands

    def pictures(self, samples: Samples, step_samples: int | None = None) -> Pictures:
        """Return the pictures of windows, float32 (windows, frames, bands)."""
        frames = self.frames(samples if step_samples else samples[: self.window_samples])
        return slices(frames, self.shape, (step_samples or self.step_samples) // self.step_samples)

    def frames(self, samples: Samples) -> NDArray[np.float32]:
        """Return the frames of a whole sound, float32 (frames, bands)."""
        if len(samples) < self.frame_samples:
            return np.empty((0, self.bands), np.float32)
        filters = mel_filters(self.sample_rate_hz, self.frame_samples, self.bands, self.lowest_hz, self.highest_hz)
        cut = sliding_window_view(samples, self.frame_samples)[:: self.step_samples]
        blocks = (cut[start : start + _BLOCK_FRAMES] for start in range(0, len(cut), _BLOCK_FRAMES))
        return np.concatenate([np.log(power_spectrum(block) @ filters + _SMALLEST_POWER) for block in blocks])


def slices(frames: NDArray[np.float32], shape: tuple[int, int], step_frames: int) -> Pictures:
    """Return windows of frames, [n, bins], as views, (windows, *shape); none where there are too few frames."""
    if len(frames) < shape[0]:
        return np.empty((0, *shape), np.float32)
    return sliding_window_view(frames, shape[0], axis=0).swapaxes(1, 2)[::step_frames]


KINDS: Mapping[str, type[LogMel] | type[Mfcc]] = {"log-mel": LogMel, "mfcc": Mfcc}
