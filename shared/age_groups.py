"""Age groups as Common Voice names and spells them: what people say of themselves, and what answers say."""

from typing import Final, Literal

AgeGroup = Literal[
    "teens", "twenties", "thirties", "fourties", "fifties", "sixties", "seventies", "eighties", "nineties"
]

OLDEST_YEARS: Final = 120
END_YEARS: Final[dict[AgeGroup, float]] = {
    "teens": 19,
    "twenties": 30,
    "thirties": 40,
    "fourties": 50,
    "fifties": 60,
    "sixties": 70,
    "seventies": 80,
    "eighties": 90,
    "nineties": OLDEST_YEARS + 1,
}
"""When a group ends; children are among the teens, as Common Voice offers nothing else below 19."""


def group_of(years: float) -> AgeGroup:
    """Return the group of an age of at most OLDEST_YEARS."""
    return next(group for group, end_years in END_YEARS.items() if years < end_years)


def span_of(group: str) -> tuple[float, float] | None:
    """Return between which ages a group lies, the last not among them; None for what is no group."""
    starts = dict(zip(END_YEARS, [0.0, *END_YEARS.values()], strict=False))
    return next(((starts[each], end_years) for each, end_years in END_YEARS.items() if each == group), None)
