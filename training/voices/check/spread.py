"""What is usual, and what is far from it: medians, which a few wrong recordings do not move."""

from collections.abc import Sequence

import numpy as np

_DEVIATIONS_OF_MAD = 1.4826
"""So many median absolute deviations are a standard deviation, where values are spread normally."""


def deviations(values: Sequence[float], least_spread: float) -> list[float]:
    """Return how many robust standard deviations each value is from the median; the spread is at least so much."""
    array = np.asarray(values)
    offsets = array - np.median(array)
    spread = max(_DEVIATIONS_OF_MAD * float(np.median(np.abs(offsets))), least_spread)
    return [float(offset / spread) for offset in offsets]
