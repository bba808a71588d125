"""Scores and intervals mean what they say."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from training.speaker.calibrate import fit_scale, fit_widening, interval_years, quantile_years
from training.speaker.figures import age_figures, confusion, gender_figures
from training.speaker.targets import YEARS


def around(years: np.ndarray, spread: float) -> np.ndarray:
    likely = np.exp(-0.5 * ((YEARS - years[:, None]) / spread) ** 2)
    return likely / likely.sum(axis=1, keepdims=True)


def test_a_network_that_is_too_sure_is_cooled_to_what_is_true() -> None:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, 20_000)
    is_female = (rng.random(len(logits)) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    assert fit_scale(logits * 5, is_female).temperature == pytest.approx(5, rel=0.1)


def test_medians_lie_in_the_middle() -> None:
    years = np.array([35.0, 41.3, 75.0])  # far from both ends, which cut a distribution
    assert quantile_years(around(years, 4), 0.5) == pytest.approx(years, abs=0.1)


@pytest.mark.parametrize("spread", [1.0, 8.0, 20.0])
def test_eight_of_ten_ages_lie_within_an_interval_whatever_the_network_thinks(spread: float) -> None:
    rng = np.random.default_rng(0)
    said = rng.uniform(35, 75, 4_000)
    true = said + rng.normal(0, 6, len(said))
    likely = around(said, spread)
    widening = fit_widening(likely[:2_000], true[:2_000])
    low, high = interval_years(likely[2_000:], widening)
    assert np.mean((low <= true[2_000:]) & (true[2_000:] <= high)) == pytest.approx(0.8, abs=0.04)


def test_speakers_count_alike() -> None:
    speakers = np.array(["a"] * 8 + ["b", "c"])
    figures = gender_figures(np.array([0.9] * 8 + [0.1, 0.2]), np.array([1.0] * 9 + [0.0]), speakers)
    assert figures["female_recall"] == pytest.approx(0.5)
    assert figures["male_recall"] == 1
    assert figures["recall"] == pytest.approx(0.75)
    ages = age_figures(np.array([30.0] * 8 + [40, 50]), np.array([30.0] * 8 + [50, 50]), speakers, 50)
    assert ages["error_years"] == pytest.approx(10 / 3)
    assert ages["constant_error_years"] == pytest.approx(20 / 3)


def test_confusion_has_what_is_true_in_its_rows() -> None:
    assert confusion(["f", "f", "m"], ["f", "m", "m"], ["f", "m"]) == [[1, 0], [1, 1]]
