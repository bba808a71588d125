"""Draw one change a word over time: level in a word, a slope in a pause, smooth at the borders."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.tts.speech import WordTime

Curve = NDArray[np.float64]
"""One value a frame, shape (frames,)."""

_SMOOTHING_SECONDS = 0.04


def drawn(words: Sequence[WordTime], values: Sequence[float], frames: int, frame_seconds: float) -> Curve:
    """Return the curve through one value a word, at `frames` moments from 0 on. There is at least one word."""
    edges = [edge for word in words for edge in (word.start_seconds, word.end_seconds)]
    raw = np.interp(np.arange(frames) * frame_seconds, edges, np.repeat(values, 2))
    kernel = np.hanning(round(_SMOOTHING_SECONDS / frame_seconds) + 3)[1:-1]
    margin = len(kernel) // 2
    padded = np.pad(raw, (margin, len(kernel) - 1 - margin), mode="edge")
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
