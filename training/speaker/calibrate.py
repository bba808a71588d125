"""From a network's answers to scores and intervals that mean what they say; fitted on speakers it has not learned."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from services.speaker.answers import Age
from services.speaker.calibration import AgeCalibration, GenderCalibration
from services.speaker.pooling import Evidence, age_of, disagreement
from shared.age_groups import OLDEST_YEARS
from training.speaker.targets import FIRST_YEAR, LAST_YEAR

Numbers = NDArray[np.float32]

COVERAGE = 0.8
"""Of intervals: the share of ages that lie within."""
_UNCERTAIN_SHARE, _LEAST_SCORES = 0.05, (0.6, 0.9)
"""How many voices are turned away because their score is low, and between which scores that limit may lie."""
_SURE_SCORE = 0.9
_CERTAIN_SHARE = 0.98
"""How many ages are told: the others' intervals are too wide to say anything."""
_SINGLE_SHARE = 0.98
"""How many voices are to be taken for one."""
_LEAST_SPEECH_SECONDS = (0.5, 1.5)
"""Where the least speech may be placed: more would turn away too many who speak."""
_LOGARITHMS = (-3.0, 4.5)
"""Of temperatures."""
_SMALLEST = 1e-12


def calibrate_gender(
    voices: Sequence[Evidence], is_female: Numbers, speakers: int, made: Sequence[Evidence]
) -> GenderCalibration:
    """Return the calibration of a model for gender from what it heard in voices of so many, and in sounds of nobody."""
    truth = np.array([one for each, one in zip(voices, is_female, strict=True) if each.speech_seconds])
    voices = [each for each in voices if each.speech_seconds]
    logits = np.array([float(each.mean(each.voice)) for each in voices])
    temperature = fit_temperature(logits, truth, speakers)
    scores = 1 / (1 + np.exp(-np.abs(logits) / temperature))
    gender = GenderCalibration(
        least_speech_seconds=_least_speech_seconds(made),
        most_several=_most_several(voices),
        temperature=temperature,
        least_score=float(np.clip(np.quantile(scores, _UNCERTAIN_SHARE), *_LEAST_SCORES)),
        sure_score=_SURE_SCORE,
        most_disagreement=0.5,
    )
    disagreeing = [disagreement(each, gender) for each in voices]
    return replace(gender, most_disagreement=float(np.clip(np.quantile(disagreeing, _SINGLE_SHARE), 0.1, 0.5)))


def calibrate_age(voices: Sequence[Evidence], age_years: Numbers, made: Sequence[Evidence]) -> AgeCalibration:
    """Return the calibration of a model for age."""
    truth = np.array([one for each, one in zip(voices, age_years, strict=True) if each.speech_seconds])
    voices = [each for each in voices if each.speech_seconds]
    age = AgeCalibration(
        least_speech_seconds=_least_speech_seconds(made),
        most_several=_most_several(voices),
        temperature=fit_age_temperature(np.stack([each.mean(each.voice) for each in voices]), truth),
        years=(FIRST_YEAR, LAST_YEAR),
        interval_widening_years=0.0,
        most_interval_years=float(OLDEST_YEARS),
    )
    told = [age_of(each, forced_age(age)) for each in voices]
    widening = fit_widening(told, truth)
    return replace(age, interval_widening_years=widening, most_interval_years=_most_interval_years(told, widening))


def forced_gender(calibration: GenderCalibration) -> GenderCalibration:
    """Return the calibration with which everything that is speech gets an answer."""
    return replace(calibration, least_speech_seconds=0.0, most_several=1.0, least_score=0.5, most_disagreement=0.5)


def forced_age(calibration: AgeCalibration) -> AgeCalibration:
    """Return the same for age."""
    return replace(calibration, least_speech_seconds=0.0, most_several=1.0, most_interval_years=float(OLDEST_YEARS))


def fit_temperature(logits: NDArray[np.floating], is_female: NDArray[np.floating], speakers: int) -> float:
    """Return the temperature under which what is true is likeliest (Guo et al. 2017, arXiv:1706.04599).

    One more speaker is thought to be wrong than are (Platt 1999, "Probabilistic Outputs for Support Vector Machines"):
    of few speakers all may be right by chance, and then no score would be too high.
    """
    signed = logits * (2 * is_female - 1)
    wrong = 1 / (speakers + 2)

    def loss(temperature: float) -> float:
        scaled = signed / temperature
        return float(np.mean((1 - wrong) * np.logaddexp(0, -scaled) + wrong * np.logaddexp(0, scaled)))

    return _fitted(loss)


def fit_age_temperature(likely: NDArray[np.floating], age_years: NDArray[np.floating]) -> float:
    """Return the same for how likely each year is, [n, years]."""
    logarithms = np.log(np.maximum(likely, _SMALLEST))
    years = np.clip(np.rint(age_years).astype(int), FIRST_YEAR, LAST_YEAR) - FIRST_YEAR
    rows = np.arange(len(years))

    def loss(temperature: float) -> float:
        scaled = logarithms / temperature
        return float(np.mean(np.logaddexp.reduce(scaled, axis=1) - scaled[rows, years]))

    return _fitted(loss)


def fit_widening(told: Sequence[Age], age_years: NDArray[np.floating]) -> float:
    """Return the years to add on both sides, so that at least eight of ten ages lie within; none are taken away.

    Conformalised quantile regression: Romano et al. 2019, arXiv:1905.03222.
    """
    intervals = np.array([age.interval for age in told])
    outside = np.maximum(intervals[:, 0] - age_years, age_years - intervals[:, 1])
    rank = min(1.0, np.ceil((len(outside) + 1) * COVERAGE) / len(outside))
    return max(0.0, float(np.quantile(outside, rank, method="higher")))


def _most_interval_years(told: Sequence[Age], widening: float) -> float:
    """Return the width of interval from which on few are wider."""
    low, high = np.array([age.interval for age in told]).T
    return float(min(np.quantile(high - low, _CERTAIN_SHARE) + 2 * widening, OLDEST_YEARS))


def _fitted(loss: Callable[[float], float]) -> float:
    found = minimize_scalar(lambda logarithm: loss(np.exp(logarithm)), bounds=_LOGARITHMS, method="bounded")
    return float(np.exp(found.x))


def _least_speech_seconds(made: Sequence[Evidence]) -> float:
    heard = [each.speech_seconds for each in made] or [0.0]
    return float(np.clip(max(heard), *_LEAST_SPEECH_SECONDS))


def _most_several(voices: Sequence[Evidence]) -> float:
    return max(0.5, float(np.quantile([each.mean(each.several) for each in voices], _SINGLE_SHARE)))
