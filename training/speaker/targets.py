"""What the networks are to say of each voice, and how much each of that counts."""

import numpy as np
from numpy.typing import NDArray

from shared.age_groups import span_of
from training.speaker.prepared import Prepared, Rows

FIRST_YEAR, LAST_YEAR = 15, 95
YEARS = np.arange(FIRST_YEAR, LAST_YEAR + 1, dtype=np.float32)
FEMALE, MALE = "female", "male"
_SPREAD_YEARS = 3.0
"""Nobody's voice tells the very year."""

Numbers = NDArray[np.float32]


def is_female(prepared: Prepared, rows: Rows) -> Numbers:
    """Return 1 for women, 0 for men, NaN for others and those who do not say."""
    genders = prepared.words["gender"][rows]
    return np.where(genders == FEMALE, 1, np.where(genders == MALE, 0, np.nan)).astype(np.float32)


def ages(prepared: Prepared, rows: Rows) -> Numbers:
    """Return how likely each year is, [n, years]: around the age if it is known, even over the group if only that is.

    Rows of zeros where neither is known.
    """
    known = prepared.age_years[rows]
    around = np.exp(-0.5 * ((YEARS - np.nan_to_num(known)[:, None]) / _SPREAD_YEARS) ** 2)
    within = np.stack([years_within(group) for group in prepared.words["age_group"][rows]])
    likely = np.where(np.isnan(known)[:, None], within, around)
    return np.asarray(likely / np.maximum(likely.sum(axis=1, keepdims=True), 1e-9), np.float32)


def years_within(group: str) -> Numbers:
    """Return 1 for each year of an age group, [years]; zeros for what is no group."""
    span = span_of(group)
    if span is None:
        return np.zeros(len(YEARS), np.float32)
    first, end = span
    return np.asarray((first <= YEARS) & (end > YEARS), np.float32)
