"""Age and gender as tables spell them, and as the catalogue does."""

from shared.age_groups import END_YEARS, OLDEST_YEARS, group_of
from training.speaker.data.clip import AgeGroup, Gender

_GENDERS: dict[str, Gender] = {
    **dict.fromkeys(("female", "f", "woman", "feminine", "female_feminine"), "female"),
    **dict.fromkeys(("male", "m", "man", "masculine", "male_masculine"), "male"),
    **dict.fromkeys(("other", "transgender", "non-binary", "nonbinary", "intersex"), "other"),
}
_UNSAID = frozenset({"", "unknown", "do_not_wish_to_say", "undeclared", "none", "nan", "n/a", "na", "null", "-"})
_SPELLINGS: dict[str, AgeGroup] = {**{group: group for group in END_YEARS}, "forties": "fourties", "teen": "teens"}


class Unclear(ValueError):
    """A word that says nothing of age or gender that is understood; the text says which of the two."""


def gender_of(told: str) -> Gender:
    """Return the gender that a table tells, `unknown` where it tells none. Raises Unclear."""
    word = told.strip().lower()
    if word in _UNSAID:
        return "unknown"
    if word not in _GENDERS:
        raise Unclear("gender is not understood")
    return _GENDERS[word]


def age_of(told: str) -> tuple[AgeGroup, float | None]:
    """Return the age group, and the years if a table tells those; `unknown` where it tells neither. Raises Unclear."""
    word = told.strip().lower()
    if word in _UNSAID:
        return "unknown", None
    if word in _SPELLINGS:
        return _SPELLINGS[word], None
    years = _years(word)
    return group_of(years), years


def _years(word: str) -> float:
    try:
        years = float(word)
    except ValueError as error:
        raise Unclear("age is not understood") from error
    if not 1 <= years <= OLDEST_YEARS:  # 0 stands for "not known" in more than one data set
        raise Unclear("age is not understood")
    return years
