"""Hours, clips and speakers of each group, counted as by hand."""

from training.speaker.data.clip import Clip
from training.speaker.data.counts import Group, counted, together


def clip(speaker: str, gender: str, age_group: str, seconds: float | None, split: str = "train") -> Clip:
    return Clip("d", "p", speaker, gender, age_group, None, "", "", seconds, "MIT", split)  # type: ignore[arg-type]


CLIPS = [
    clip("b", "male", "thirties", 1800.0),
    clip("a", "female", "teens", 3600.0),
    clip("a", "female", "teens", 1800.0),
    clip("a", "female", "twenties", 900.0),
    clip("c", "female", "teens", None),
    clip("d", "female", "teens", 36.0, "test"),
]


def test_groups_come_in_order() -> None:
    counts = counted(reversed(CLIPS))
    assert [*counts] == [
        Group("female", "teens", "train"),
        Group("female", "teens", "test"),
        Group("female", "twenties", "train"),
        Group("male", "thirties", "train"),
    ]
    teens = counts[Group("female", "teens", "train")]
    assert (teens.clips, teens.unmeasured, teens.hours, len(teens.people)) == (3, 1, 1.5, 2)


def test_who_is_in_two_groups_is_one_person() -> None:
    total = together(counted(CLIPS).values())
    assert (total.clips, total.unmeasured, len(total.people)) == (6, 1, 4)
    assert total.seconds == 1800 + 3600 + 1800 + 900 + 36


def test_of_nothing_there_is_nothing() -> None:
    assert counted([]) == {}
    assert together([]).hours == 0
