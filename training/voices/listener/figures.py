"""What is told of a listener and of what it hears: shares, and whether their differences may be chance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from sklearn.metrics import confusion_matrix

from training.voices.facts import NEUTRAL
from training.voices.listener.judging import PLAIN, STYLED, TRAINED, Told, Way

Counts = NDArray[np.int64]
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Paired:
    """The same sentences spoken in two ways: how many are heard as meant in the one alone, and in the other alone."""

    one_only: int
    other_only: int

    @property
    def p(self) -> float:
        """How likely a difference as great is by chance: McNemar's test, exact, two-sided."""
        count = self.one_only + self.other_only
        return float(binomtest(self.one_only, count).pvalue) if count else 1.0


def of_speech(meant: Sequence[str], told: Sequence[str], emotions: Sequence[str]) -> Figures:
    """Return how well real speech is heard: `right`, the share of each emotion, and their mean; the confusions."""
    counts: Counts = confusion_matrix(meant, told, labels=list(emotions))
    shares = counts.diagonal() / np.maximum(counts.sum(axis=1), 1)
    return {
        "utterances": len(meant),
        "right": dict(zip(emotions, _rounded(shares), strict=True)),
        "mean": _rounded([float(shares.mean())])[0],
        "confusion": counts.tolist(),
    }


def of_voice(told: Told, emotions: Sequence[str]) -> Figures:
    """Return for each way of a voice the shares heard as meant, each way compared with the one before it."""
    wanted = [emotion for emotion in emotions if emotion != NEUTRAL]
    ways = [name for name in (PLAIN, STYLED, TRAINED) if any(way.name == name for way in told)]
    return {
        "sentences": len(told[Way(PLAIN, NEUTRAL)]),
        "ways": {name: _of_way(name, told, emotions, wanted) for name in ways},
        "compared": {f"{one} over {other}": _compared(one, other, told, wanted) for other, one in pairwise(ways)},
    }


def _of_way(name: str, told: Told, emotions: Sequence[str], wanted: Sequence[str]) -> Figures:
    right = {emotion: float(np.mean(hits)) for emotion in wanted if (hits := _hits(name, emotion, told)) is not None}
    ways = [way for way in told if way.name == name]
    return {
        "right": dict(zip(right, _rounded(list(right.values())), strict=True)),
        "mean": _rounded([float(np.mean(list(right.values())))])[0],
        "heard": {way.emotion: [told[way].count(emotion) for emotion in emotions] for way in ways},
    }


def _hits(name: str, emotion: str, told: Told) -> list[bool] | None:
    """Return for each sentence whether it is heard as meant; None where the voice cannot speak so.

    Plain speech is the control: how often the emotion is heard though nothing was done for it.
    """
    heard = told.get(Way(name, NEUTRAL if name == PLAIN else emotion))
    return None if heard is None else [each == emotion for each in heard]


def _compared(one: str, other: str, told: Told, wanted: Sequence[str]) -> Mapping[str, Figures]:
    pairs = {
        emotion: Paired(sum(a and not b for a, b in both), sum(b and not a for a, b in both))
        for emotion in wanted
        if (both := _both(_hits(one, emotion, told), _hits(other, emotion, told)))
    }
    together = Paired(sum(pair.one_only for pair in pairs.values()), sum(pair.other_only for pair in pairs.values()))
    return {
        emotion: {"more": pair.one_only, "less": pair.other_only, "p": pair.p}
        for emotion, pair in {**pairs, "all": together}.items()
    }


def _both(one: list[bool] | None, other: list[bool] | None) -> list[tuple[bool, bool]]:
    return list(zip(one, other, strict=True)) if one is not None and other is not None else []


def _rounded(values: Sequence[float] | NDArray[np.float64]) -> list[float]:
    return [round(float(value), 4) for value in values]
