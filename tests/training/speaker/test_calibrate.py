"""Scores and intervals mean what they say."""

import numpy as np
import pytest

pytest.importorskip("scipy")

from services.speaker.answers import Age
from services.speaker.calibration import AgeCalibration
from services.speaker.pooling import Evidence, age_of
from training.speaker.calibrate import (
    calibrate_age,
    calibrate_gender,
    fit_age_temperature,
    fit_temperature,
    fit_widening,
)
from training.speaker.figures import age_figures, confusion, gender_figures
from training.speaker.targets import FIRST_YEAR, LAST_YEAR, YEARS

EXACT = AgeCalibration(0.0, 1.0, 1.0, (FIRST_YEAR, LAST_YEAR), 0.0, 120.0)


def around(years: np.ndarray, spread: float) -> np.ndarray:
    likely = np.exp(-0.5 * ((YEARS - years[:, None]) / spread) ** 2)
    return likely / likely.sum(axis=1, keepdims=True)


def evidence(voice: np.ndarray, several: float = 0.1, seconds: float = 2.0) -> Evidence:
    """Return what was heard in a recording of one window."""
    return Evidence(np.array([seconds]), np.array([several], np.float32), voice[None])


def told(likely: np.ndarray) -> list[Age]:
    return [age_of(evidence(each), EXACT) for each in likely]


def logits_and_truth(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, count)
    return logits, (rng.random(count) < 1 / (1 + np.exp(-logits))).astype(np.float32)


def test_a_network_that_is_too_sure_is_cooled_to_what_is_true() -> None:
    logits, is_female = logits_and_truth(20_000)
    assert fit_temperature(logits * 5, is_female, 20_000) == pytest.approx(5, rel=0.1)


def test_of_few_speakers_who_are_all_heard_rightly_nothing_is_certain() -> None:
    logits, is_female = np.array([9.0, -8, 7, -9]), np.array([1.0, 0, 1, 0])
    scores = [1 / (1 + np.exp(-8 / fit_temperature(logits, is_female, speakers))) for speakers in (2, 50)]
    assert scores == pytest.approx([0.75, 0.98], abs=0.02)


def test_a_network_that_is_too_sure_of_an_age_is_cooled_too() -> None:
    rng = np.random.default_rng(0)
    said = rng.uniform(40, 70, 4_000)
    true = said + rng.normal(0, 8, len(said))
    assert fit_age_temperature(around(said, 4), true) == pytest.approx(4, rel=0.15)


@pytest.mark.parametrize("spread", [1.0, 6.0])
def test_eight_of_ten_ages_lie_within_an_interval_whatever_the_network_thinks(spread: float) -> None:
    rng = np.random.default_rng(0)
    said = rng.uniform(35, 75, 2_000)
    true = said + rng.normal(0, 6, len(said))
    ages = told(around(said, spread))
    widening = fit_widening(ages[:1_000], true[:1_000])
    low, high = np.array([age.interval for age in ages[1_000:]]).T
    within = (low - widening <= true[1_000:]) & (true[1_000:] <= high + widening)
    assert np.mean(within) == pytest.approx(0.8, abs=0.05)


def test_a_calibration_for_gender_turns_few_voices_away() -> None:
    logits, is_female = logits_and_truth(400)
    voices = [evidence(np.array(logit)) for logit in logits]
    calibration = calibrate_gender(voices, is_female, 400, [evidence(np.array(0.0), seconds=0.7)] * 10)
    assert calibration.least_speech_seconds == pytest.approx(0.7)
    assert calibration.temperature == pytest.approx(1, rel=0.25)
    assert calibration.least_score == pytest.approx(0.6)
    assert calibration.most_several == pytest.approx(0.5)


def test_voices_in_which_nothing_is_heard_change_no_calibration() -> None:
    ages = np.array([30.0, 50.0, 70.0])
    voices = [evidence(each) for each in around(ages, 5)]
    silent = evidence(around(np.array([20.0]), 5)[0], seconds=0.0)
    with_silence = calibrate_age([silent, *voices], np.array([90.0, *ages]), [])
    assert with_silence == calibrate_age(voices, ages, [])


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
