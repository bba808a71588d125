"""Calibration, thresholds and decisions on numbers whose right answer is known."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from training.emotion.calibrate import (
    Decision,
    calibration_error,
    fit_calibration,
    fit_decision,
    less_neutral,
    more_mixed,
    tune_thresholds,
    voice_thresholds,
)

RNG = np.random.default_rng(7)


def drawn(true_logits: np.ndarray) -> np.ndarray:
    """Draw 0/1 targets with the probabilities that the logits mean."""
    return (RNG.random(true_logits.shape) < 1 / (1 + np.exp(-true_logits))).astype(np.float32)


class TestFitCalibration:
    """Logits that say too much are brought back."""

    def test_finds_scale_and_bias(self) -> None:
        true = RNG.normal(-1, 1.5, (20000, 3)).astype(np.float32)
        found = fit_calibration(3 * true + 2, drawn(true))
        assert found.scale == pytest.approx(1 / 3, abs=0.02)
        assert found.bias == pytest.approx([-2 / 3] * 3, abs=0.06)

    def test_error_falls(self) -> None:
        true = RNG.normal(-1, 1.5, (5000, 2)).astype(np.float32)
        targets, loud = drawn(true), 3 * true + 2
        calibrated = fit_calibration(loud, targets).probabilities(loud)
        assert calibration_error(calibrated, targets) < 0.3 * calibration_error(1 / (1 + np.exp(-loud)), targets)


class TestTuneThresholds:
    """Common labels follow their rows, rare ones stay near half of the best F1."""

    def test_common_label_gets_the_gap(self) -> None:
        targets = np.repeat([1.0, 0.0], 2000)[:, None].astype(np.float32)
        said = np.where(targets > 0, 0.8, 0.3) + RNG.uniform(-0.05, 0.05, targets.shape)
        assert 0.3 < tune_thresholds(said, targets)[0] < 0.8

    def test_one_lucky_row_does_not_rule(self) -> None:
        targets = np.zeros((1000, 1), dtype=np.float32)
        targets[0] = 1
        said = RNG.uniform(0, 0.1, targets.shape)
        said[0] = 0.94
        assert tune_thresholds(said, targets)[0] < 0.6


def test_decision_learns_which_logit_means_what() -> None:
    classes = RNG.integers(0, 3, 600)
    targets = np.eye(3, dtype=np.float32)[classes]
    logits = (2 * targets + RNG.normal(0, 0.3, targets.shape)).astype(np.float32)
    scores = fit_decision(("a", "b", "c"), [(logits, targets)]).scores(logits)
    assert scores.sum(axis=1) == pytest.approx(1)
    assert (scores.argmax(axis=1) == classes).mean() > 0.95


def test_neutral_is_lowered_only_where_that_helps() -> None:
    plain = Decision(tuple("abcdefg"), np.eye(7), np.zeros(7))
    dev_classes = np.tile(np.arange(7), 20)
    dev = (8 * np.eye(7, dtype=np.float32)[dev_classes], np.eye(7, dtype=np.float32)[dev_classes])
    hidden_joy = np.zeros((50, 7), dtype=np.float32)
    hidden_joy[:, 3], hidden_joy[:, 6] = 1, 2
    positive = np.tile(np.array([1, 0, 0, 0], dtype=np.float32), (50, 1))
    assert less_neutral(plain, dev, []).bias[6] == 0
    lowered = less_neutral(plain, dev, [(hidden_joy, positive)])
    assert lowered.scores(hidden_joy).argmax(axis=1).tolist() == [3] * 50


def test_mixed_is_raised_until_it_is_said() -> None:
    shy = Decision(("positive", "negative", "neutral", "mixed"), np.eye(4), np.array([0, 0, 0, -2.0]))
    classes = np.tile(np.arange(4), 20)
    dev = (1.5 * np.eye(4, dtype=np.float32)[classes], np.eye(4, dtype=np.float32)[classes])
    assert 3 not in shy.scores(dev[0]).argmax(axis=1)
    assert more_mixed(shy, dev).scores(dev[0]).argmax(axis=1).tolist() == classes.tolist()


def test_voice_threshold_keeps_precision() -> None:
    said = np.stack([np.linspace(0.5, 1, 200), np.linspace(0.5, 0, 200)], axis=1)
    targets = np.stack([np.arange(200) >= 100, np.arange(200) < 100], axis=1).astype(np.float32)
    threshold = voice_thresholds(said, targets)[0]
    chosen = said[:, 0] >= threshold
    assert targets[chosen, 0].mean() >= 0.75
    assert chosen.sum() > 120
