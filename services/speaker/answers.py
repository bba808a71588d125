"""From an engine's judgement to the answer: which label, which age group."""

from services.speaker.engine import AgeEstimate, GenderScores, Judgement, Reason
from services.speaker.schemas import Age, AgeGroup, Gender, SpeakerAnswer

SCORE_DECIMALS = 4
YEARS_DECIMALS = 1
_GROUPS: tuple[tuple[AgeGroup, float], ...] = (("child", 15), ("youth", 25), ("adult", 55))
"""Groups and the age at which each ends, as the aGender corpus has them."""


def answer_of(model: str, judgement: Judgement) -> SpeakerAnswer:
    """Return `judgement`, made by `model`, as callers see it."""
    seconds = round(judgement.speech_seconds, 2)
    return SpeakerAnswer(model, seconds, _gender(judgement.gender), _age(judgement.age))


def _gender(found: GenderScores | Reason) -> Gender:
    if isinstance(found, str):
        return Gender("unknown", GenderScores(0.5, 0.5), found)
    scores = GenderScores(round(found.female, SCORE_DECIMALS), round(found.male, SCORE_DECIMALS))
    return Gender("female" if found.female > found.male else "male", scores, None)


def _age(found: AgeEstimate | Reason) -> Age:
    if isinstance(found, str):
        return Age(None, None, None, found)
    low, high = (round(years, YEARS_DECIMALS) for years in found.interval_years)
    return Age(round(found.years, YEARS_DECIMALS), (low, high), _group(found.years), None)


def _group(years: float) -> AgeGroup:
    return next((group for group, end_years in _GROUPS if years < end_years), "senior")
