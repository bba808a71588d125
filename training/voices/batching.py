"""Which recordings make a batch: those of about the same length, so that little of it is padding."""

from collections.abc import Sequence

import numpy as np

_ALIKE_BATCHES = 40
"""So many batches are sorted by length at a time: all would always come with the same neighbours."""


def alike(lengths: Sequence[int], size: int, random: np.random.Generator) -> list[list[int]]:
    """Return the places of all recordings, at most `size` in a batch, the batches in random order."""
    known, order = np.array(lengths), random.permutation(len(lengths))
    batches: list[list[int]] = []
    for start in range(0, len(order), size * _ALIKE_BATCHES):
        some = order[start : start + size * _ALIKE_BATCHES]
        by_length = some[np.argsort(known[some], kind="stable")]
        batches += [by_length[at : at + size].tolist() for at in range(0, len(by_length), size)]
    return [batches[at] for at in random.permutation(len(batches))]
