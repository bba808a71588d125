"""How right a model is: each speaker counts as much as any other, however many recordings there are of them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
Words = NDArray[np.str_]
Figures = dict[str, float]
Metrics = dict[str, Any]


def gender_figures(female_scores: Numbers, is_female: Numbers, speakers: Words) -> Figures:
    """Return recalls of women and of men, and the mean of both (unweighted average recall), by speaker.

    A score that is NaN is wrong.
    """
    right = ((female_scores > 0.5) == (is_female > 0.5)) & ~np.isnan(female_scores)
    names, shares = by_speaker(right.astype(np.float32), speakers)
    _, female = by_speaker(is_female, speakers)
    recalls = {name: shares[female == value] for name, value in (("female", 1), ("male", 0))}
    told = {f"{name}_recall": float(each.mean()) for name, each in recalls.items() if len(each)}
    return told | {"recall": float(np.mean(list(told.values()))), "speakers": len(names), "clips": len(right)}


def age_figures(years: Numbers, age_years: Numbers, speakers: Words, constant_years: float) -> Figures:
    """Return the mean absolute error by speaker, beside that of saying the same age of everybody; and correlation."""
    names, errors = by_speaker(np.abs(years - age_years), speakers)
    _, guessed = by_speaker(np.abs(constant_years - age_years), speakers)
    _, said = by_speaker(years, speakers)
    _, true = by_speaker(age_years, speakers)
    correlation = np.corrcoef(said, true)[0, 1] if min(said.std(), true.std()) > 0 else 0.0
    return {
        "error_years": float(errors.mean()),
        "constant_error_years": float(guessed.mean()),
        "correlation": float(correlation),
        "speakers": len(names),
        "clips": len(years),
    }


def by_speaker(values: Numbers, speakers: Words) -> tuple[Words, Numbers]:
    """Return the speakers, sorted, and the mean of each one's values."""
    names, places = np.unique(speakers, return_inverse=True)
    return names, np.asarray(np.bincount(places, values) / np.bincount(places), np.float32)


def confusion(said: Sequence[str], true: Sequence[str], labels: Sequence[str]) -> list[list[int]]:
    """Return how often each label (rows) was called which (columns)."""
    table = np.zeros((len(labels), len(labels)), int)
    for one, other in zip(true, said, strict=True):
        table[labels.index(one), labels.index(other)] += 1
    rows: list[list[int]] = table.tolist()
    return rows


def groups(column: Words) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Yield each value of a column, and where it stands."""
    for name in np.unique(column).tolist():
        yield name, np.flatnonzero(column == name)
