"""How the work grows with the size of its input, on a machine that others load too."""

import time
from collections.abc import Callable

_ATTEMPTS = 6
_FLOOR_SECONDS = 0.005
"""Below this a measurement is noise."""


def is_linear(work: Callable[[int], object], size: int) -> bool:
    """Say whether four times the size takes at most eight times as long (quadratic work takes sixteen), in CPU time.

    One calm attempt of several is enough: load makes work look slower, never faster.
    """
    return any(_seconds(work, 4 * size) <= 8 * max(_seconds(work, size), _FLOOR_SECONDS) for _ in range(_ATTEMPTS))


def _seconds(work: Callable[[int], object], size: int) -> float:
    start = time.process_time()
    work(size)
    return time.process_time() - start
