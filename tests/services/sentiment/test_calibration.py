"""Parameters are checked before use, and the formulas are those of training/emotion/calibrate.py."""

import copy
from typing import Any

import numpy as np
import pytest

from services.sentiment.calibration import read_calibration
from shared.problems import ModelCorrupt

PARAMETERS: dict[str, Any] = {
    "calibration": {"goemotions": {"scale": 2.0, "bias": {"joy": 0.0, "grief": -1.0}}},
    "thresholds": {"goemotions": {"joy": 0.4, "grief": 0.2}},
    "decision": {
        "ekman": {"labels": ["joy", "neutral"], "weights": [[1.0, 0.0], [0.0, 1.0]], "bias": [0.0, 0.5]},
        "sentiment": {
            "labels": ["positive", "negative", "neutral", "mixed"],
            "weights": [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.5, 0.5, 0.0]],
            "bias": [0.0, 0.0, 0.0, -1.0],
        },
    },
    "voice_thresholds": {"joy": 0.6, "neutral": 0.3},
}


def test_scores_follow_the_formulas() -> None:
    logits = {
        "goemotions": np.array([[0.0, 1.0], [500.0, -500.0]], dtype=np.float32),
        "ekman": np.array([[0.5, 0.0], [900.0, -900.0]], dtype=np.float32),
        "sentiment": np.zeros((2, 3), dtype=np.float32),
    }
    scores = read_calibration(PARAMETERS).scores(logits)
    assert scores.goemotions == pytest.approx(np.array([[0.5, 1 / (1 + np.exp(-1))], [1.0, 0.0]]))
    assert scores.ekman == pytest.approx(np.array([[0.5, 0.5], [1.0, 0.0]]))
    powers = np.exp([0, 0, 0, -1])
    assert scores.sentiment[0] == pytest.approx(powers / powers.sum())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("calibration",), {}),
        (("thresholds",), {}),
        (("thresholds", "goemotions"), {"joy": 0.4}),
        (("decision", "ekman", "bias"), [0.0]),
        (("decision", "ekman", "weights"), [[1.0, 0.0], [0.0]]),
        (("decision", "sentiment", "labels"), ["negative", "positive", "neutral", "mixed"]),
        (("voice_thresholds",), {"joy": 0.6}),
        (("calibration", "goemotions", "scale"), float("nan")),
    ],
)
def test_wrong_parameters_are_a_corrupt_model(path: tuple[str, ...], value: object) -> None:
    parameters = copy.deepcopy(PARAMETERS)
    place = parameters
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(ModelCorrupt):
        read_calibration(parameters)
