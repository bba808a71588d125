"""What the catalogue knows of a recording and of who speaks in it."""

from typing import Literal, NamedTuple, get_args

from shared import age_groups
from training.keywords.splits import SPLITS, Split

Gender = Literal["female", "male", "other", "unknown"]
"""As people say of themselves; `unknown` where they say nothing."""
AgeGroup = Literal[age_groups.AgeGroup, "unknown"]
GENDERS: tuple[Gender, ...] = get_args(Gender)
AGE_GROUPS: tuple[AgeGroup, ...] = get_args(AgeGroup)

__all__ = ["AGE_GROUPS", "GENDERS", "SPLITS", "AgeGroup", "Clip", "Gender", "Speaker", "Split"]


class Clip(NamedTuple):
    """One recording of one person. Plain values, as millions go from here to there."""

    data_set: str
    path: str
    """Its key below the location of the data set."""
    speaker: str
    """The same in all data sets: who has one name is taken for one person."""
    gender: Gender
    age_group: AgeGroup
    age_years: float | None
    """None where only the group is known."""
    accent: str
    language: str
    """In small letters; empty where it is not known."""
    duration_seconds: float | None
    licence: str
    split: str = ""
    """Empty until the speaker has one."""


class Speaker(NamedTuple):
    """One person; gender and age group are those by which the split was dealt."""

    speaker: str
    gender: Gender
    age_group: AgeGroup
    split: Split
