"""What callers see: labels, groups, rounded figures, reasons."""

import pytest

from services.speaker.answers import Age, Gender, GenderScores, Reason, age, gender, no_age, no_gender

REASONS: list[Reason] = ["no_speech", "too_little_speech", "several_voices", "uncertain", "not_served"]


@pytest.mark.parametrize(
    ("years", "group"),
    [
        (7, "teens"),
        (18.9, "teens"),
        (19, "twenties"),
        (49.9, "fourties"),
        (70, "seventies"),
        (120, "nineties"),
    ],
)
def test_groups_are_common_voices(years: float, group: str) -> None:
    assert age(years, (years - 5, years + 5)).group == group


@pytest.mark.parametrize(("female", "label"), [(0.51, "female"), (0.49, "male"), (1.0, "female"), (0.0, "male")])
def test_the_likelier_gender_is_the_label(female: float, label: str) -> None:
    answer = gender(female)
    assert (answer.label, answer.reason) == (label, None)
    assert answer.scores.female + answer.scores.male == pytest.approx(1)


def test_figures_are_rounded() -> None:
    assert gender(1 / 3).scores == GenderScores(0.3333, 0.6667)
    assert age(70.04, (61.06, 79.5)) == Age(70.0, (61.1, 79.5), "seventies", None)


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_stands_in_place_of_an_answer(reason: Reason) -> None:
    assert no_gender(reason) == Gender("unknown", GenderScores(0.5, 0.5), reason)
    assert no_age(reason) == Age(None, None, None, reason)


def test_what_is_uncertain_still_says_its_scores() -> None:
    assert gender(0.6, "uncertain") == Gender("unknown", GenderScores(0.6, 0.4), "uncertain")
