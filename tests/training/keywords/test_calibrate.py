"""Scores that mean what they say."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from training.keywords.calibrate import Calibration, fit
from training.keywords.data import OTHER, SILENCE, Classes
from training.shared.calibration import calibration_error

CLASSES = Classes(("yes", "no", "happy", OTHER, SILENCE), ("yes", "no"))


def drawn(count: int, temperature: float, bias: float) -> tuple[np.ndarray, np.ndarray]:
    """Return logits, and labels drawn by what they would say under a calibration."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (count, 5)).astype(np.float32)
    chances = Calibration(temperature, bias).scores(logits, CLASSES)
    return logits, np.array([rng.choice(4, p=row / row.sum()) for row in chances.astype(np.float64)])


def test_scores_sum_to_one_and_fold_what_is_unknown() -> None:
    scores = Calibration().scores(np.zeros((1, 5), np.float32), CLASSES)
    assert scores[0].tolist() == pytest.approx([0.2, 0.2, 0.4, 0.2])


@pytest.mark.parametrize(("temperature", "bias"), [(0.5, 0.0), (2.0, 0.0), (1.0, -1.5)])
def test_the_calibration_that_made_the_labels_is_found(temperature: float, bias: float) -> None:
    found = fit(*drawn(4_000, temperature, bias), CLASSES)
    assert found.temperature == pytest.approx(temperature, rel=0.15)
    assert found.unknown_bias == pytest.approx(bias, abs=0.25)


def test_calibration_lowers_the_error_of_scores_that_promise_too_much() -> None:
    logits, truth = drawn(4_000, 3.0, 0.0)
    raw = calibration_error(Calibration().scores(logits, CLASSES), truth)
    assert calibration_error(fit(logits, truth, CLASSES).scores(logits, CLASSES), truth) < raw / 3
