"""Turn logits into honest probabilities, thresholds and single decisions, fitted on development texts only."""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from scipy.optimize import minimize
from scipy.special import expit, softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from training.emotion.data import (
    EKMAN,
    FOUR_WAY,
    GROUPING,
    OUTSIDE,
    SENTIMENT,
    Matrix,
    goemotions_labels,
    read_goemotions,
    read_outside,
)
from training.emotion.predict import load_logits

Numbers = NDArray[np.float64]
Pair = tuple[Matrix, Matrix]
GRID = np.linspace(0.02, 0.95, 187)
SMOOTHING = 4.0
SHRINK_POSITIVES = 40.0
VOICE_PRECISION = 0.75
VOICE_LEAST_ROWS = 5
NEUTRAL_OFFSETS = np.linspace(0, -3, 31)
MIXED_OFFSETS = np.linspace(0, 3, 31)
EKMAN_VALENCE = np.array([1, 1, 1, 0, 1, 2, 2])


@dataclass(frozen=True)
class Calibration:
    """Probability of a label = sigmoid(scale * logit + bias)."""

    scale: float
    bias: Numbers

    def probabilities(self, logits: Matrix) -> Numbers:
        """Return probabilities, same shape as `logits`."""
        return np.asarray(expit(self.scale * logits + self.bias), dtype=np.float64)


@dataclass(frozen=True)
class Decision:
    """Scores that sum to one = softmax(weights @ logits + bias)."""

    labels: tuple[str, ...]
    weights: Numbers
    bias: Numbers

    def scores(self, logits: Matrix) -> Numbers:
        """Return [rows, labels] from [rows, logits]."""
        return np.asarray(softmax(logits @ self.weights.T + self.bias, axis=1), dtype=np.float64)


def fit_calibration(logits: Matrix, targets: Matrix) -> Calibration:
    """Fit one temperature for the label set and a bias for each label (Guo et al. 2017) by cross-entropy."""

    def loss(values: Numbers) -> tuple[float, Numbers]:
        scores = values[0] * logits + values[1:]
        error = expit(scores) - targets
        gradient = np.concatenate([[(error * logits).sum()], error.sum(axis=0)])
        return float((np.logaddexp(0, scores) - targets * scores).sum()), gradient

    start = np.concatenate([[1.0], np.zeros(logits.shape[1])])
    fitted = minimize(loss, start, jac=True, method="L-BFGS-B").x
    return Calibration(float(fitted[0]), fitted[1:])


def f1_curve(probabilities: Numbers, targets: Matrix) -> Numbers:
    """Return F1 of one label at every threshold of GRID; both inputs are [rows]."""
    chosen = probabilities[None, :] >= GRID[:, None]
    hits = (chosen * targets[None, :]).sum(axis=1)
    return np.asarray(2 * hits / np.maximum(1, chosen.sum(axis=1) + targets.sum()), dtype=np.float64)


def tune_thresholds(probabilities: Numbers, targets: Matrix) -> Numbers:
    """Return one threshold a label that gives a high F1 and does not hang on a few rows.

    The curve of F1 over thresholds is smoothed, and the threshold of a rare label is drawn towards half of the best F1,
    which is the best threshold for calibrated probabilities (Lipton et al. 2014).
    """
    thresholds = []
    for column in range(targets.shape[1]):
        curve = gaussian_filter1d(f1_curve(probabilities[:, column], targets[:, column]), SMOOTHING)
        best, positives = int(curve.argmax()), float(targets[:, column].sum())
        trust = positives / (positives + SHRINK_POSITIVES)
        thresholds.append(trust * GRID[best] + (1 - trust) * curve[best] / 2)
    return np.array(thresholds)


def fit_decision(labels: tuple[str, ...], sources: list[Pair]) -> Decision:
    """Fit multinomial matrix scaling (Guo et al. 2017) on (logits, targets) of several sets that weigh alike.

    A row with several labels counts in parts for each of them.
    """
    mean_rows = sum(len(targets) for _, targets in sources) / len(sources)
    weights = np.concatenate([np.full(len(targets), mean_rows / len(targets)) for _, targets in sources])
    logits, targets = (np.concatenate(part) for part in zip(*sources, strict=True))
    rows, classes = np.nonzero(targets)
    share = weights[rows] / targets.sum(axis=1)[rows]
    model = LogisticRegression(C=1.0, max_iter=1000).fit(logits[rows], classes, sample_weight=share)
    return Decision(labels, np.asarray(model.coef_), np.asarray(model.intercept_))


def valence_f1(decision: Decision, pair: Pair) -> float:
    """Return macro-F1 of positive, negative, neutral when told by the emotion alone; `pair` has FOUR_WAY targets."""
    logits, targets = pair
    said = EKMAN_VALENCE[decision.scores(logits).argmax(axis=1)]
    return float(f1_score(targets.argmax(axis=1), said, average="macro"))


def emotion_f1(decision: Decision, pair: Pair) -> float:
    """Return macro-F1 of the top label over the rows that carry one label."""
    logits, targets = pair
    single = targets.sum(axis=1) == 1
    said = decision.scores(logits[single]).argmax(axis=1)
    return float(f1_score(targets[single].argmax(axis=1), said, average="macro", zero_division=0))


def less_neutral(decision: Decision, dev: Pair, outside: list[Pair]) -> Decision:
    """Lower the bias of neutral, the last label, as far as it helps; Reddit weighs as much as all other sets.

    Two of five comments of GoEmotions are neutral; reviews and stories are not.
    """

    def gain(changed: Decision) -> float:
        elsewhere = [valence_f1(changed, pair) for pair in outside]
        return emotion_f1(changed, dev) + sum(elsewhere) / max(1, len(elsewhere))

    return max(last_shifted(decision, NEUTRAL_OFFSETS), key=gain)


def more_mixed(decision: Decision, dev: Pair) -> Decision:
    """Raise the bias of mixed, the last label, to the best macro-F1 of all four: else it is too rare to be said."""
    return max(last_shifted(decision, MIXED_OFFSETS), key=lambda changed: emotion_f1(changed, dev))


def last_shifted(decision: Decision, offsets: Numbers) -> list[Decision]:
    """Return the decision with each of `offsets` added to the bias of its last label."""
    last = np.eye(len(decision.labels))[-1]
    return [replace(decision, bias=decision.bias + last * offset) for offset in offsets]


def dev_f1(logits: Matrix, targets: Matrix, folds: int = 5) -> float:
    """Return macro-F1 on dev, each row judged with what was fitted on the other folds: for choosing between runs."""
    fold, chosen = np.arange(len(targets)) % folds, np.zeros_like(targets)
    for number in range(folds):
        inside, outside = fold == number, fold != number
        fitted = fit_calibration(logits[outside], targets[outside])
        tuned = tune_thresholds(fitted.probabilities(logits[outside]), targets[outside])
        chosen[inside] = fitted.probabilities(logits[inside]) >= tuned
    return float(f1_score(targets, chosen, average="macro", zero_division=0))


def voice_thresholds(scores: Numbers, targets: Matrix, precision: float = VOICE_PRECISION) -> Numbers:
    """Return for each label the least score above which it is right often enough when it is the top label."""
    thresholds = np.ones(targets.shape[1])
    for label in range(targets.shape[1]):
        top = scores.argmax(axis=1) == label
        order = np.argsort(-scores[top, label])
        right = np.cumsum(targets[top, label][order]) / np.arange(1, top.sum() + 1)
        good = np.nonzero(right[VOICE_LEAST_ROWS - 1 :] >= precision)[0]
        if len(good):
            thresholds[label] = scores[top, label][order][good[-1] + VOICE_LEAST_ROWS - 1]
    return thresholds


def calibration_error(probabilities: Numbers, targets: Matrix, bins: int = 15) -> float:
    """Return the expected calibration error over all (row, label) pairs in bins of equal width."""
    places = np.minimum((probabilities.ravel() * bins).astype(int), bins - 1)
    gaps = np.bincount(places, weights=targets.ravel() - probabilities.ravel(), minlength=bins)
    return float(np.abs(gaps).sum() / targets.size)


def outside_pairs(logits: dict[str, dict[str, Matrix]], head: str, data: Path, half: int) -> list[Pair]:
    """Return logits and FOUR_WAY targets of every second text of the outside sets: half 0 to fit, half 1 to test."""
    return [
        (logits[name][head][half::2], read_outside(data / "sentiment-dev", name).targets["four_way"][half::2])
        for name in OUTSIDE
    ]


def calibrate(folder: Path, data: Path, with_outside: bool = True) -> dict[str, Any]:
    """Return everything that serving needs beside the graph in `folder`, as plain JSON values.

    Without the outside texts the decisions are fitted on GoEmotions alone, to see what those texts change.
    """
    dev, everything = read_goemotions(data / "goemotions", "dev"), load_logits(folder)
    logits = everything["dev"]
    names = {"goemotions": goemotions_labels(data / "goemotions"), "ekman": EKMAN}
    names |= {"sentiment": SENTIMENT, "grouping": GROUPING}
    result: dict[str, Any] = {"calibration": {}, "thresholds": {}, "decision": {}}
    for head, labels in names.items():
        fitted = fit_calibration(logits[head], dev.targets[head])
        tuned = tune_thresholds(fitted.probabilities(logits[head]), dev.targets[head])
        result["calibration"][head] = {"scale": fitted.scale, "bias": dict(zip(labels, fitted.bias, strict=True))}
        result["thresholds"][head] = dict(zip(labels, tuned, strict=True))
    pairs = {head: outside_pairs(everything, head, data, half=0) if with_outside else [] for head in names}
    dev_ekman = (logits["ekman"], dev.targets["ekman"])
    dev_four = (logits["sentiment"], dev.targets["four_way"])
    sentiment = more_mixed(fit_decision(FOUR_WAY, [dev_four, *pairs["sentiment"]]), dev_four)
    ekman = less_neutral(fit_decision(EKMAN, [dev_ekman]), dev_ekman, pairs["ekman"])
    for head, decision in (("ekman", ekman), ("sentiment", sentiment)):
        parts = {"weights": decision.weights.tolist(), "bias": decision.bias.tolist()}
        result["decision"][head] = {"labels": list(decision.labels)} | parts
    voice = voice_thresholds(ekman.scores(logits["ekman"]), dev.targets["ekman"])
    result["voice_thresholds"] = dict(zip(EKMAN, voice, strict=True))
    return result


def main() -> None:
    """Read the command line and write calibration.json beside the graph."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("graph", type=Path, help="folder with logits.npz, which predict.py wrote")
    parser.add_argument("data", type=Path, help="folder that holds goemotions/ and sentiment-dev/")
    arguments = parser.parse_args()
    found = calibrate(arguments.graph, arguments.data)
    (arguments.graph / "calibration.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
