"""What callers are told of a voice: plain values, rounded. Training's evaluation imports it, too."""

from dataclasses import dataclass
from typing import Literal

from shared.age_groups import AgeGroup, group_of

SCORE_DECIMALS = 4
YEARS_DECIMALS = 1
SECONDS_DECIMALS = 2

GenderLabel = Literal["female", "male", "unknown"]
Reason = Literal["no_speech", "too_little_speech", "several_voices", "uncertain", "not_served"]
"""Why there is no answer; `not_served`: there is no model for it."""


@dataclass(frozen=True, slots=True)
class GenderScores:
    """How likely the voice is a woman's or a man's, as people hear it; they sum to one."""

    female: float
    male: float


@dataclass(frozen=True, slots=True)
class Gender:
    """How the voice sounds, which is not what a person is."""

    label: GenderLabel
    scores: GenderScores
    """A half each where the label is `unknown`, but for `uncertain`."""
    reason: Reason | None
    """Why the label is `unknown`."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old the voice sounds."""

    years: float | None
    interval: tuple[float, float] | None
    """From and to, in years: the age lies between them in eight cases of ten."""
    group: AgeGroup | None
    """As Common Voice names and spells them."""
    reason: Reason | None
    """Why there is no age."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the recording of which the same is said throughout."""

    start_seconds: float
    end_seconds: float
    gender: Gender


@dataclass(frozen=True, slots=True)
class JudgingModel:
    """A model that judged, and on which terms it may be used."""

    model: str
    """Name and version."""
    task: str
    licence: str
    noncommercial: bool
    """Whether the licence allows no commercial use."""


@dataclass(frozen=True, slots=True)
class SpeakerAnswer:
    """Body of the answer."""

    model: str
    """Names and versions of all that judged, with `+` between them."""
    speech_seconds: float
    """How much of the recording is speech."""
    gender: Gender
    age: Age
    models: list[JudgingModel]
    segments: list[Segment] | None = None
    """One behind the other, from the recording's start to its end; only where they were asked for."""


def gender(female: float, reason: Reason | None = None) -> Gender:
    """Return the answer for a voice that is a woman's so likely."""
    scores = GenderScores(round(female, SCORE_DECIMALS), round(1 - female, SCORE_DECIMALS))
    return Gender("unknown" if reason else "female" if female > 0.5 else "male", scores, reason)


def no_gender(reason: Reason) -> Gender:
    """Return the answer that is none."""
    return gender(0.5, reason)


def age(years: float, interval_years: tuple[float, float]) -> Age:
    """Return the answer for an age of at most OLDEST_YEARS."""
    low, high = (round(edge, YEARS_DECIMALS) for edge in interval_years)
    return Age(round(years, YEARS_DECIMALS), (low, high), group_of(years), None)


def no_age(reason: Reason) -> Age:
    """Return the answer that is none."""
    return Age(None, None, None, reason)
