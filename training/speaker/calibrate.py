"""From a network's answers to scores and intervals that mean what they say; fitted on speakers it has not learned."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from training.speaker.targets import FIRST_YEAR, YEARS

Numbers = NDArray[np.float32]

_INTERVAL = (0.1, 0.9)
_MOST_WIDENING_YEARS = 40.0


@dataclass(frozen=True)
class Scale:
    """Temperature scaling (Guo et al. 2017, arXiv:1706.04599) of the logits of whole recordings."""

    temperature: float = 1.0

    def female(self, logits: Numbers) -> Numbers:
        """Return how likely each voice is a woman's."""
        return np.asarray(1 / (1 + np.exp(-logits / self.temperature)), np.float32)


def fit_scale(logits: Numbers, is_female: Numbers) -> Scale:
    """Return the temperature under which what is true is likeliest; each recording counts once."""

    def loss(log_temperature: float) -> float:
        signed = logits * (2 * is_female - 1) / np.exp(log_temperature)
        return float(np.mean(np.logaddexp(0, -signed)))

    return Scale(float(np.exp(minimize_scalar(loss, bounds=(-3, 5), method="bounded").x)))


def quantile_years(likely: Numbers, share: float) -> Numbers:
    """Return the age below which so much of each distribution lies, [n, years] to [n]; between years, too."""
    below = np.cumsum(likely, axis=1)
    place = np.minimum((below < share).sum(axis=1), likely.shape[1] - 1)
    rows = np.arange(len(likely))
    before = np.where(place > 0, below[rows, np.maximum(place - 1, 0)], 0)
    within = (share - before) / np.maximum(likely[rows, place], 1e-9)
    return np.asarray(FIRST_YEAR - 0.5 + place + np.clip(within, 0, 1), np.float32)


def interval_years(likely: Numbers, widening_years: float = 0.0) -> tuple[Numbers, Numbers]:
    """Return between which ages each voice's lies, in eight of ten cases once it is widened."""
    low, high = (quantile_years(likely, share) for share in _INTERVAL)
    return np.maximum(low - widening_years, YEARS[0]), np.minimum(high + widening_years, YEARS[-1])


def fit_widening(likely: Numbers, age_years: Numbers) -> float:
    """Return the years to add on both sides, so that eight of ten ages lie within; less than 0 makes it narrower.

    Conformalised quantile regression: Romano et al. 2019, arXiv:1905.03222.
    """
    low, high = interval_years(likely)
    outside = np.maximum(low - age_years, age_years - high)
    rank = min(1.0, np.ceil((len(outside) + 1) * (_INTERVAL[1] - _INTERVAL[0])) / len(outside))
    return float(np.clip(np.quantile(outside, rank, method="higher"), -_MOST_WIDENING_YEARS, _MOST_WIDENING_YEARS))
