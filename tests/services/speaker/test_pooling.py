"""From windows to one answer: what weighs how much, when nothing is said, and which runs say the same."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from services.speaker.calibration import AgeCalibration, GenderCalibration
from services.speaker.pooling import Evidence, age_of, gender_of, segments_of, speech_seconds

COMMON: dict[str, Any] = {"least_speech_seconds": 1.0, "most_several": 0.5, "temperature": 1.0}
GENDER = GenderCalibration(**COMMON, least_score=0.8, sure_score=0.9, most_disagreement=0.2)
AGE = AgeCalibration(**COMMON, years=(10, 90), interval_widening_years=0.0, most_interval_years=40.0)


def evidence(voice: Any, seconds: Any = 2.0, several: Any = 0.0) -> Evidence:
    count = len(voice)
    return Evidence(
        np.broadcast_to(np.asarray(seconds, np.float64), count),
        np.broadcast_to(np.asarray(several, np.float32), count),
        np.asarray(voice, np.float32),
    )


def aged(*years: float, spread_years: float = 3.0) -> Any:
    """Return a bell around each age."""
    bells = np.exp(-np.square((np.arange(10, 91) - np.array(years)[:, None]) / spread_years) / 2)
    return bells / bells.sum(axis=1, keepdims=True)


class TestGender:
    @pytest.mark.parametrize(("logit", "label"), [(3.0, "female"), (-3.0, "male")])
    def test_label_and_scores(self, logit: float, label: str) -> None:
        answer = gender_of(evidence([logit, logit]), GENDER)
        assert (answer.label, answer.reason) == (label, None)
        assert max(answer.scores.female, answer.scores.male) == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-4)

    def test_windows_weigh_as_much_as_they_have_speech(self) -> None:
        answer = gender_of(evidence([2.0, -1.0], seconds=[1.5, 0.5]), replace(GENDER, least_score=0.5))
        assert answer.scores.female == pytest.approx(1 / (1 + np.exp(-1.25)), abs=1e-4)

    def test_temperature_makes_it_less_sure(self) -> None:
        assert gender_of(evidence([2.0]), replace(GENDER, temperature=2.0)).reason == "uncertain"

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (evidence([9.0], seconds=0.0), "no_speech"),
            (evidence([9.0], seconds=0.99), "too_little_speech"),
            (evidence([9.0], several=0.6), "several_voices"),
            (evidence([9.0, 9.0], several=[0.9, 0.3]), "several_voices"),
            (evidence([5.0, 5.0, -5.0]), "several_voices"),
            (evidence([1.0]), "uncertain"),
            (evidence([0.0]), "uncertain"),
        ],
    )
    def test_reasons(self, found: Evidence, reason: str) -> None:
        answer = gender_of(found, GENDER)
        assert (answer.label, answer.reason) == ("unknown", reason)

    def test_a_short_slip_is_no_second_voice(self) -> None:
        assert gender_of(evidence([5.0, 5.0, -5.0], seconds=[2.5, 2.5, 0.5]), GENDER).label == "female"
        assert gender_of(evidence([9.0, -9.0], seconds=[2.5, 0.0]), GENDER).label == "female"

    def test_huge_logits_overflow_nowhere(self) -> None:
        assert gender_of(evidence([1e30]), GENDER).scores.female == 1


class TestAge:
    def test_years_and_interval(self) -> None:
        answer = age_of(evidence(aged(42)), AGE)
        assert (answer.years, answer.group, answer.reason) == (42.0, "fourties", None)
        assert answer.interval == pytest.approx((42 - 1.2816 * 3, 42 + 1.2816 * 3), abs=0.15)

    def test_windows_that_disagree_make_it_wide(self) -> None:
        answer = age_of(evidence(aged(30, 50)), AGE)
        assert answer.interval
        assert answer.interval[0] < 32
        assert answer.interval[1] > 48
        assert age_of(evidence(aged(15, 85)), AGE).reason == "uncertain"

    def test_windows_weigh_as_much_as_they_have_speech(self) -> None:
        assert age_of(evidence(aged(30, 50), seconds=[2.5, 0.1]), AGE).group == "thirties"

    def test_calibration_widens(self) -> None:
        narrow = age_of(evidence(aged(42)), AGE).interval
        for wider in (replace(AGE, interval_widening_years=2.0), replace(AGE, temperature=2.0)):
            interval = age_of(evidence(aged(42)), wider).interval
            assert narrow
            assert interval
            assert interval[0] < narrow[0] - 0.5
            assert interval[1] > narrow[1] + 0.5

    def test_no_age_is_below_nothing_or_beyond_all(self) -> None:
        for years, first_last in ((0, (0, 80)), (120, (40, 120))):
            sure = np.eye(81)[[0 if years == 0 else 80]]
            answer = age_of(evidence(sure), replace(AGE, years=first_last, interval_widening_years=9.0))
            assert answer.interval
            assert 0 <= answer.interval[0] <= years <= answer.interval[1] <= 120
            assert answer.years is not None
            assert 0 <= answer.years <= 120

    @pytest.mark.parametrize(
        ("settings", "reason"),
        [
            ({"seconds": 0.0}, "no_speech"),
            ({"seconds": 0.5}, "too_little_speech"),
            ({"several": 0.9}, "several_voices"),
        ],
    )
    def test_reasons(self, settings: dict[str, float], reason: str) -> None:
        answer = age_of(evidence(aged(42), **settings), AGE)
        assert (answer.years, answer.interval, answer.group, answer.reason) == (None, None, None, reason)


class TestSegments:
    def test_runs_cover_the_recording(self) -> None:
        found = evidence([5, 4, -5, 0, 5, 5], seconds=[2.5, 2.5, 2.5, 2.5, 0, 2.5], several=[0, 0, 0, 0, 0, 0.9])
        segments = segments_of(found, [80, 80, 80, 80, 80, 20], 0.032, GENDER, 13.5)
        assert [(one.gender.label, one.gender.reason) for one in segments] == [
            ("female", None),
            ("male", None),
            ("unknown", "uncertain"),
            ("unknown", "no_speech"),
            ("unknown", "several_voices"),
        ]
        edges = [(one.start_seconds, one.end_seconds) for one in segments]
        assert edges == [(0.0, 5.12), (5.12, 7.68), (7.68, 10.24), (10.24, 12.8), (12.8, 13.5)]
        assert segments[0].gender.scores.female == pytest.approx(1 / (1 + np.exp(-4.5)), abs=1e-3)

    def test_a_short_recording_is_one(self) -> None:
        (segment,) = segments_of(evidence([5.0], seconds=0.5), [16], 0.032, GENDER, 0.52)
        assert (segment.start_seconds, segment.end_seconds, segment.gender.label) == (0.0, 0.52, "female")


def test_only_steps_of_its_own_count() -> None:
    speech, own = np.array([[0.9, 0.9, 0.4, 0.5]], np.float32), np.array([[False, True, True, True]])
    assert speech_seconds(speech, own, 0.032).tolist() == [0.032]
