"""Sound that comes piece by piece, as pictures of overlapping windows: equal to those of the whole sound at once."""

from abc import abstractmethod
from typing import Protocol, runtime_checkable

import numpy as np

from services.keywords.features import Features, Pictures, Samples, slices


@runtime_checkable
class Framed(Features, Protocol):
    """Features whose frames depend on their own sound alone: a window's picture is a slice of all frames."""

    @abstractmethod
    def frames(self, samples: Samples) -> Samples:
        """Return the frames of a whole sound, float32 (frames, bins), one every `step_samples`."""


class Windows(Protocol):
    """The windows of one sound."""

    @abstractmethod
    def feed(self, samples: Samples) -> Pictures:
        """Take the next sound, float32 (n,), of any length; return the pictures that are complete, maybe none."""


class FramedWindows(Windows):
    """Computes each frame once."""

    def __init__(self, features: Framed, step_samples: int) -> None:
        self._features = features
        self._step_frames = step_samples // features.step_samples
        self._samples = np.empty(0, np.float32)
        self._frames = np.empty((0, features.shape[1]), np.float32)

    def feed(self, samples: Samples) -> Pictures:
        """Return the pictures that are complete."""
        self._samples = np.concatenate([self._samples, samples])
        fresh = self._features.frames(self._samples)
        self._samples = self._samples[len(fresh) * self._features.step_samples :]
        frames = np.concatenate([self._frames, fresh])
        windows = slices(frames, self._features.shape, self._step_frames)
        self._frames = frames[len(windows) * self._step_frames :]
        return windows


class WholeWindows(Windows):
    """Computes each window by itself, for features of which more cannot be said."""

    def __init__(self, features: Features, step_samples: int) -> None:
        self._features = features
        self._step_samples = step_samples
        self._samples = np.empty(0, np.float32)

    def feed(self, samples: Samples) -> Pictures:
        """Return the pictures that are complete."""
        self._samples = np.concatenate([self._samples, samples])
        pictures = self._features.pictures(self._samples, self._step_samples)
        self._samples = self._samples[len(pictures) * self._step_samples :]
        return pictures


def windows_of(features: Features, step_samples: int) -> Windows:
    """Return the windows of one sound, a multiple of the features' own step apart."""
    return (
        FramedWindows(features, step_samples) if isinstance(features, Framed) else WholeWindows(features, step_samples)
    )


def step_samples_of(features: Features, step_seconds: float) -> int:
    """Return the multiple of the features' own step that is nearest to `step_seconds`."""
    own = features.step_samples
    return max(1, round(step_seconds * features.sample_rate_hz / own)) * own
