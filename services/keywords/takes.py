"""A recording as the network sees it: what a word is learned from. Training's check imports it, too."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import KeywordEngine
from services.keywords.features import Samples
from services.keywords.scanning import STEP_SECONDS
from services.keywords.windows import step_samples_of

_QUIETEST_PEAK = 1e-3
"""60 dB below full scale: who speaks a word is louder even far from the microphone."""


@dataclass(frozen=True, slots=True)
class Take:
    """One recording, in windows that follow each other as they do where words are heard."""

    embeddings: NDArray[np.float32]
    """[windows, d], at least one window."""
    energy: NDArray[np.float64]
    """[windows]: sums of squares."""


def is_silent(samples: Samples) -> bool:
    """Say whether there is nothing to hear in sound [n]."""
    return bool(np.abs(samples).max() < _QUIETEST_PEAK)


def take(samples: Samples, engine: KeywordEngine) -> Take:
    """Return sound [n] at the rate of the engine's features; what is shorter than a window lies in the middle of one.

    Blocks.
    """
    features = engine.features
    missing = max(0, features.window_samples - len(samples))
    samples = np.pad(samples, (missing // 2, missing - missing // 2))
    step_samples = step_samples_of(features, STEP_SECONDS)
    embeddings = engine.hear(np.ascontiguousarray(features.pictures(samples, step_samples))).embeddings
    until = np.concatenate([[0.0], np.cumsum(np.square(samples, dtype=np.float64))])
    starts = np.arange(len(embeddings)) * step_samples
    return Take(embeddings, until[starts + features.window_samples] - until[starts])
