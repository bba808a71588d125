"""Which label and which age group a judgement becomes."""

import pytest

from services.speaker.answers import answer_of
from services.speaker.engine import AgeEstimate, GenderScores, Judgement, Reason
from services.speaker.schemas import Age, Gender

OLD = AgeEstimate(70.04, (61.06, 79.5))


def judgement(years: float = 40.0, female: float = 0.2) -> Judgement:
    return Judgement(3.14159, GenderScores(female, 1 - female), AgeEstimate(years, (years - 5, years + 5)))


@pytest.mark.parametrize(
    ("years", "group"),
    [
        (7, "child"),
        (14.9, "child"),
        (15, "youth"),
        (24.9, "youth"),
        (25, "adult"),
        (54.9, "adult"),
        (55, "senior"),
        (99, "senior"),
    ],
)
def test_age_groups(years: float, group: str) -> None:
    assert answer_of("fake/1", judgement(years)).age.group == group


@pytest.mark.parametrize(("female", "label"), [(0.51, "female"), (0.49, "male"), (1.0, "female"), (0.0, "male")])
def test_the_likelier_gender_is_the_label(female: float, label: str) -> None:
    gender = answer_of("fake/1", judgement(female=female)).gender
    assert gender.label == label
    assert gender.scores.female + gender.scores.male == pytest.approx(1)
    assert gender.reason is None


def test_figures_are_rounded() -> None:
    answer = answer_of("fake/1", Judgement(3.14159, GenderScores(1 / 3, 2 / 3), OLD))
    assert (answer.model, answer.speech_seconds) == ("fake/1", 3.14)
    assert answer.gender.scores == GenderScores(0.3333, 0.6667)
    assert answer.age == Age(70.0, (61.1, 79.5), "senior", None)


@pytest.mark.parametrize("reason", ["no_speech", "too_little_speech", "uncertain"])
def test_a_reason_stands_in_place_of_an_answer(reason: Reason) -> None:
    answer = answer_of("fake/1", Judgement(0.5, reason, reason))
    assert answer.gender == Gender("unknown", GenderScores(0.5, 0.5), reason)
    assert answer.age == Age(None, None, None, reason)
    half = answer_of("fake/1", Judgement(5.0, reason, OLD))
    assert (half.gender.label, half.age.group) == ("unknown", "senior")
