"""Age from pitch and formants by a linear model: what a network has to be better than."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from training.speaker.prepared import Prepared, Rows

Numbers = NDArray[np.float32]
_PENALTY = 100.0


def statistics(prepared: Prepared, rows: Rows) -> Numbers:
    """Return mean and deviation of the bins where speech is, of each piece: [n, 2 bins]."""
    return np.stack(list(_statistics(prepared, rows)))


def _statistics(prepared: Prepared, rows: Rows) -> Iterable[Numbers]:
    for row in rows.tolist():
        frames, speech = prepared.piece(row)
        spoken = frames[speech > 0.5] if (speech > 0.5).any() else frames
        yield np.concatenate([spoken.mean(axis=0), spoken.std(axis=0)])


def linear_years(known: Numbers, age_years: Numbers, asked: Numbers) -> Numbers:
    """Return the ages that ridge regression on `known`, [n, d] with their ages, gives to `asked`, [m, d]."""
    mean, deviation = known.mean(axis=0), known.std(axis=0) + 1e-6
    scaled = (known - mean) / deviation
    penalty = _PENALTY * np.eye(scaled.shape[1])
    weights = np.linalg.solve(scaled.T @ scaled + penalty, scaled.T @ (age_years - age_years.mean()))
    return np.asarray((asked - mean) / deviation @ weights + age_years.mean(), np.float32)
