"""Sound that comes piece by piece, as windows one behind the other: the networks judge each by itself."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.speaker.features import Frames, Samples, VoiceFeatures

STEP_FRAMES = 2
"""Frames of one step, the shortest time of which a network says whether it is speech."""
MOST_WINDOWS = 16
"""In one piece of work."""
_WHOLE_WINDOWS = MOST_WINDOWS - 1


@dataclass(frozen=True, slots=True)
class Cut:
    """How a network wants sound cut; two with the same cut are given the same windows."""

    features: VoiceFeatures
    window_frames: int

    @property
    def steps(self) -> int:
        """Steps in a window."""
        return self.window_frames // STEP_FRAMES

    @property
    def step_samples(self) -> int:
        """From one step to the next."""
        return STEP_FRAMES * self.features.step_samples

    @property
    def step_seconds(self) -> float:
        """From one step to the next."""
        return self.step_samples / self.features.sample_rate_hz

    @property
    def hop_samples(self) -> int:
        """From one window to the next."""
        return self.window_frames * self.features.step_samples

    @property
    def window_samples(self) -> int:
        """Sound that one window needs: its last frame reaches beyond the next window's start."""
        return self.hop_samples + self.features.frame_samples - self.features.step_samples


@dataclass(frozen=True, slots=True)
class Windows:
    """Some windows of a recording, in order."""

    frames: Frames
    """(n, window_frames, bins), n at most MOST_WINDOWS."""
    own: NDArray[np.bool_]
    """(n, steps): which steps count. Those of all windows are the recording, each part of it once: not what a window
    has again of the one before, or of a recording that was too short for it."""


class Cutter:
    """Cuts one recording into windows, in little memory however long it is.

    The last window ends with the recording; of a recording shorter than a window there is one, in which it is repeated.
    Each piece of 15 windows, 38 seconds as the networks have them, is brought to the same loudness for itself.
    """

    def __init__(self, cut: Cut) -> None:
        self._cut = cut
        self._samples: Samples = np.empty(0, np.float32)

    def feed(self, samples: Samples) -> Iterator[Windows]:
        """Take the next sound, float32 (n,); yield the windows that are complete, as soon as others will follow."""
        self._samples = np.concatenate([self._samples, samples])
        piece_samples = _WHOLE_WINDOWS * self._cut.hop_samples
        while len(self._samples) >= piece_samples + self._cut.window_samples:
            yield self._windows(self._samples[: piece_samples + self._cut.window_samples - self._cut.hop_samples])
            self._samples = self._samples[piece_samples:]

    def finish(self) -> Windows:
        """Return the last windows, at least one."""
        cut = self._cut
        if len(self._samples) >= cut.window_samples:
            return self._windows(self._samples)
        frames = cut.features.frames(np.resize(self._samples, cut.window_samples))
        return Windows(frames[None], np.arange(cut.steps)[None] < len(self._samples) // cut.step_samples)

    def _windows(self, samples: Samples) -> Windows:
        return windows_of(self._cut.features.frames(samples), self._cut.window_frames)


def windows_of(frames: Frames, window_frames: int) -> Windows:
    """Return windows one behind the other, the last at the end, of frames (n, bins), n at least window_frames."""
    whole, left_frames = divmod(len(frames), window_frames)
    starts = [number * window_frames for number in range(whole)]
    steps = window_frames // STEP_FRAMES
    own = np.ones((whole, steps), np.bool_)
    if left_steps := left_frames // STEP_FRAMES:
        starts.append(len(frames) - window_frames)
        own = np.concatenate([own, np.arange(steps)[None] >= steps - left_steps])
    return Windows(np.stack([frames[start : start + window_frames] for start in starts]), own)
