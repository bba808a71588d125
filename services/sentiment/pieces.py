"""Sentences cut into pieces of work of about equal length, so that little is padding and all slots have work."""

from collections.abc import Sequence

import numpy as np

LONGEST_PIECE_CHARACTERS = 1_024
"""About 250 tokens. Larger batches are no faster for each sentence on a CPU, and make others wait longer."""
SHORTEST_PIECE_CHARACTERS = 256
"""Shorter pieces lose more by small batches than they gain by running beside each other."""
_COST_OF_A_SENTENCE = 8
"""Characters' worth of work in any sentence, however short."""


def pieces_of(texts: Sequence[str], slots: int) -> list[list[int]]:
    """Return the numbers of `texts` in pieces of work, each of texts of about one length.

    There are as many pieces as fill all `slots` equally, unless there is too little to share out.
    """
    if not texts:
        return []
    order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
    costs = np.array([len(texts[number]) + _COST_OF_A_SENTENCE for number in order])
    total = int(costs.sum())
    rounds = -(-total // (LONGEST_PIECE_CHARACTERS * slots))
    count = max(1, min(rounds * slots, total // SHORTEST_PIECE_CHARACTERS))
    places = (np.cumsum(costs) - costs / 2) * count // total
    return [[order[row] for row in np.flatnonzero(places == place)] for place in np.unique(places)]
