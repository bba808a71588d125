"""Logistic regression between some embeddings and a bank of others, by Newton's method."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.float32]
Margins = NDArray[np.float64]

_WEIGHT = 500.0
"""Of all positives together, and of all negatives together, against _PENALTY: 20 recordings weigh as much as a bank."""
_PENALTY = 0.1
_MOST_STEPS = 12
_FLATTEST = 1e-6
_CONVERGED = 1e-3
_LARGEST_MARGIN = 30.0
_SHORTEST = 1e-9


@dataclass(frozen=True, slots=True)
class Scorer:
    """Scores embeddings of any length by their direction alone."""

    weights: NDArray[np.float64]
    """[d]"""
    bias: float

    def margins(self, embeddings: Embeddings) -> Margins:
        """Return how far each of the embeddings [n, d] is on the positives' side, [n]."""
        margins: Margins = _unit(embeddings) @ self.weights + self.bias
        return margins

    def scores(self, embeddings: Embeddings) -> Margins:
        """Return the margins as scores from 0 to 1, [n]."""
        return sigmoid(self.margins(embeddings))

    def rescaled(self, middle: float, scale: float) -> "Scorer":
        """Return a scorer whose margins are 0 where these are `middle`, and `scale` times as steep."""
        return Scorer(self.weights * scale, (self.bias - middle) * scale)


class Bank:
    """Negatives, and what separates positives from them."""

    def __init__(self, negatives: Embeddings) -> None:
        """Take embeddings [m, d]."""
        directions = _unit(negatives)
        self.negatives = negatives
        self._mean, self._spread = directions.mean(axis=0), directions.std(axis=0) + _SHORTEST
        self._rows = self._standardised(negatives)

    def scorer(self, positives: Embeddings, start: Scorer | None = None, without: slice = slice(0)) -> Scorer:
        """Return what tells positives [n, d] from the bank, but for the rows `without`; near `start` it is quicker."""
        negatives = np.delete(self._rows, without, axis=0)
        rows = np.concatenate([self._standardised(positives), negatives])
        is_positive = np.arange(len(rows)) < len(positives)
        shares = np.where(is_positive, _WEIGHT / len(positives), _WEIGHT / max(1, len(negatives)))
        found = _fitted(rows, is_positive, shares, self._coefficients(start))
        weights = found[:-1] / self._spread
        return Scorer(weights, float(found[-1] - self._mean @ weights))

    def _standardised(self, embeddings: Embeddings) -> Margins:
        rows = (_unit(embeddings) - self._mean) / self._spread
        return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)

    def _coefficients(self, scorer: Scorer | None) -> Margins:
        if scorer is None:
            return np.zeros(len(self._mean) + 1)
        return np.append(scorer.weights * self._spread, scorer.bias + self._mean @ scorer.weights)


def sigmoid(margins: Margins) -> Margins:
    """Return 1 / (1 + exp(-margins))."""
    scores: Margins = 1 / (1 + np.exp(-np.clip(margins, -_LARGEST_MARGIN, _LARGEST_MARGIN)))
    return scores


def _fitted(rows: Margins, is_positive: NDArray[np.bool_], shares: Margins, start: Margins) -> Margins:
    """Return the coefficients [d + 1], the last one without a penalty."""
    penalty = np.full(rows.shape[1], _PENALTY)
    penalty[-1] = _FLATTEST
    found = start
    for _ in range(_MOST_STEPS):
        scores = sigmoid(rows @ found)
        slopes = shares * np.maximum(scores * (1 - scores), _FLATTEST)
        gradient = rows.T @ (shares * (scores - is_positive)) + penalty * found
        step = np.linalg.solve((rows * slopes[:, None]).T @ rows + np.diag(penalty), gradient)
        found = found - step
        if np.abs(step).max() < _CONVERGED:
            break
    return found


def _unit(embeddings: Embeddings) -> Margins:
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    directions: Margins = embeddings / np.maximum(lengths, _SHORTEST)
    return directions
