"""Every spelling of age and gender that the releases of Common Voice and other tables have."""

import pytest

from shared.age_groups import group_of
from training.speaker.data.people import Unclear, age_of, gender_of


@pytest.mark.parametrize(
    ("told", "gender"),
    [
        ("female", "female"),
        ("male", "male"),
        ("other", "other"),
        ("female_feminine", "female"),
        ("male_masculine", "male"),
        ("transgender", "other"),
        ("non-binary", "other"),
        ("intersex", "other"),
        ("do_not_wish_to_say", "unknown"),
        ("", "unknown"),
        (" F ", "female"),
        ("Male", "male"),
    ],
)
def test_genders(told: str, gender: str) -> None:
    assert gender_of(told) == gender


@pytest.mark.parametrize(
    ("told", "group", "years"),
    [
        ("teens", "teens", None),
        ("fourties", "fourties", None),
        ("forties", "fourties", None),
        ("nineties", "nineties", None),
        ("", "unknown", None),
        ("23", "twenties", 23.0),
        ("39.5", "thirties", 39.5),
        ("6", "teens", 6.0),
        ("120", "nineties", 120.0),
    ],
)
def test_ages(told: str, group: str, years: float | None) -> None:
    assert age_of(told) == (group, years)


@pytest.mark.parametrize(
    ("years", "group"),
    [(18, "teens"), (19, "twenties"), (29, "twenties"), (30, "thirties"), (89, "eighties"), (90, "nineties")],
)
def test_groups_end_where_common_voice_ends_them(years: float, group: str) -> None:
    assert group_of(years) == group


@pytest.mark.parametrize("told", ["0", "-3", "121", "inf", "old", "1e400", "20-29"])
def test_what_is_no_age(told: str) -> None:
    with pytest.raises(Unclear):
        age_of(told)


def test_what_is_no_gender() -> None:
    with pytest.raises(Unclear):
        gender_of("loud")
