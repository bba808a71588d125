"""What a model says of clips of one word each: accuracy, confusion, calibration, and noise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import KeywordEngine
from training.keywords.data import Classes, Prepared, as_float
from training.keywords.splits import Split
from training.shared.calibration import calibration_error
from training.shared.sounds import Samples, loudness

Metrics = dict[str, Any]


def clip_figures(engine: KeywordEngine, prepared: Prepared, classes: Classes, split: Split) -> Metrics:
    """Return accuracy, confusion and calibration on the clips of one split."""
    rows = prepared.rows(split)
    scores = scores_of(engine, prepared, rows)
    truth = classes.served(prepared.words[rows].tolist())
    said = decided(scores, engine.thresholds.clip)
    confusion = np.zeros((len(classes.labels), len(classes.labels)), np.int64)
    np.add.at(confusion, (truth, said), 1)
    return {
        "accuracy": float(np.mean(said == truth)),
        "clips": len(rows),
        "speakers": len(set(prepared.speakers[rows].tolist())),
        "calibration_error": calibration_error(scores, truth),
        "labels": list(classes.labels),
        "confusion": confusion.tolist(),
        "words": _word_figures(confusion, classes.labels),
    }


def scores_of(engine: KeywordEngine, prepared: Prepared, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the served scores of clips, [n, labels]."""
    blocks = [rows[start : start + 64] for start in range(0, len(rows), 64)]
    clips = ([as_float(clip) for clip in prepared.clips[block]] for block in blocks)
    pictures = (np.concatenate([engine.features.pictures(clip) for clip in block]) for block in clips)
    return np.concatenate([engine.hear(block).scores for block in pictures])


def decided(scores: NDArray[np.float32], threshold: float) -> NDArray[np.int64]:
    """Return the labels' numbers as the service decides on a clip: the best word if it reaches the threshold."""
    words = scores.shape[1] - 2
    is_word = scores[:, :words].max(axis=1) >= threshold
    best_word, best_rest = scores[:, :words].argmax(axis=1), words + scores[:, words:].argmax(axis=1)
    return np.asarray(np.where(is_word, best_word, best_rest))


def best_clip_threshold(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Return the threshold of the most right decisions; of equal ones the middle."""
    thresholds = np.arange(0.2, 0.81, 0.02)
    right = np.array([np.mean(decided(scores, float(threshold)) == truth) for threshold in thresholds])
    return float(np.median(thresholds[right == right.max()]))


def _word_figures(confusion: NDArray[np.int64], labels: Sequence[str]) -> dict[str, dict[str, float]]:
    right = np.diag(confusion)
    recall = right / np.maximum(confusion.sum(axis=1), 1)
    precision = right / np.maximum(confusion.sum(axis=0), 1)
    f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-9)
    return {
        label: {"precision": float(precision[row]), "recall": float(recall[row]), "f1": float(f1[row])}
        | {"clips": int(confusion[row].sum())}
        for row, label in enumerate(labels)
    }


def noisy_accuracy(engine: KeywordEngine, prepared: Prepared, classes: Classes, decibels: float) -> float:
    """Return the accuracy on test clips with noise of the test split at a ratio."""
    rng = np.random.default_rng(0)
    rows = prepared.rows("test")
    noise = prepared.segments("noise", "test")
    clips = (as_float(clip) for clip in prepared.clips[rows])
    mixed = (_mixed(clip, noise.random(len(clip), rng), decibels) for clip in clips)
    scores = np.concatenate([engine.hear(engine.features.pictures(samples)).scores for samples in mixed])
    said = decided(scores, engine.thresholds.clip)
    return float(np.mean(said == classes.served(prepared.words[rows].tolist())))


def _mixed(clip: Samples, noise: Samples, decibels: float) -> Samples:
    gain = loudness(clip) / loudness(noise) * 10 ** (-decibels / 20)
    return np.clip(clip + noise * np.float32(gain), -1, 1)
