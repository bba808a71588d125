"""Whether scores mean what they say."""

import numpy as np
from numpy.typing import NDArray


def calibration_error(scores: NDArray[np.float32], truth: NDArray[np.int64], bins: int = 10) -> float:
    """Return the expected calibration error of the best labels: |confidence - accuracy|, weighed by their number."""
    best = scores.max(axis=1)
    right = scores.argmax(axis=1) == truth
    place = np.minimum((best * bins).astype(int), bins - 1)
    gaps = [abs(best[place == one].mean() - right[place == one].mean()) * np.mean(place == one) for one in set(place)]
    return float(sum(gaps))
