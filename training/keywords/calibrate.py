"""From a network's logits to scores that mean what they say; fitted on speakers that it has not learned from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from services.keywords.engine import UNKNOWN
from training.keywords.data import Classes

Logits = NDArray[np.float32]
Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    """Temperature scaling (Guo et al. 2017, arXiv:1706.04599), and a weight for all that counts as unknown.

    The weight is needed since unknown is a sum over many classes, each of which label smoothing gives its share.
    """

    temperature: float = 1.0
    unknown_bias: float = 0.0

    def scores(self, logits: Logits, classes: Classes) -> Scores:
        """Return the scores of the served labels, [n, classes] to [n, labels]; rows sum to one."""
        scaled = (logits + self.bias(classes)) / self.temperature
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True) @ classes.folding, np.float32)

    def bias(self, classes: Classes) -> NDArray[np.float32]:
        """Return what is added to each class's logit."""
        unknown = classes.folding[:, classes.labels.index(UNKNOWN)]
        return np.asarray(unknown * self.unknown_bias, np.float32)


def fit(logits: Logits, truth: NDArray[np.int64], classes: Classes) -> Calibration:
    """Return the calibration under which the true labels, [n], are the likeliest."""

    def loss(parameters: NDArray[np.float64]) -> float:
        scores = Calibration(float(np.exp(parameters[0])), float(parameters[1])).scores(logits, classes)
        return -float(np.mean(np.log(scores[np.arange(len(truth)), truth] + 1e-9)))

    found = minimize(loss, np.zeros(2), method="Nelder-Mead").x
    return Calibration(float(np.exp(found[0])), float(found[1]))
