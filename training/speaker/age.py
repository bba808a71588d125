"""How far off a model for age is, beside the same guess for all and a linear model."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.speaker.calibration import AgeCalibration
from services.speaker.pooling import Evidence, age_of
from training.speaker.calibrate import forced_age
from training.speaker.figures import Metrics, age_figures, by_speaker, groups
from training.speaker.linear import linear_years, statistics
from training.speaker.prepared import Prepared, Rows

Numbers = NDArray[np.float32]
GROUPS = ("data_set", "gender", "age_group")


class Known(NamedTuple):
    """What is known of the recordings that were learned from."""

    statistics: Numbers
    """[n, 2 bins]"""
    age_years: Numbers
    median_years: float
    """Of the speakers: what to guess of everybody."""


def known_of(prepared: Prepared, rows: Rows) -> Known:
    """Return what is known of some recordings, all of which are read."""
    _, of_speakers = by_speaker(prepared.age_years[rows], prepared.words["speaker"][rows])
    return Known(statistics(prepared, rows), prepared.age_years[rows], float(np.median(of_speakers)))


def age_metrics(
    prepared: Prepared, rows: Rows, heard: Sequence[Evidence], calibration: AgeCalibration, known: Known
) -> Metrics:
    """Return errors, of all and by group, and how many ages lie within their interval."""
    spoken = np.array([each.speech_seconds > 0 for each in heard])
    rows, heard = rows[spoken], [each for each in heard if each.speech_seconds]
    truth, speakers = prepared.age_years[rows], prepared.words["speaker"][rows]
    years, low, high = told_years(heard, calibration)
    linear = linear_years(known.statistics, known.age_years, statistics(prepared, rows))
    within = ((low <= truth) & (truth <= high)).astype(np.float32)
    answered = np.array([age_of(each, calibration).reason is None for each in heard], np.float32)
    return {
        "all": age_figures(years, truth, speakers, known.median_years),
        "linear": age_figures(linear, truth, speakers, known.median_years),
        "within_interval": float(by_speaker(within, speakers)[1].mean()),
        "interval_years": float(by_speaker(high - low, speakers)[1].mean()),
        "answered_share": float(by_speaker(answered, speakers)[1].mean()),
        "no_speech": int((~spoken).sum()),
        **{
            f"by_{column}": {
                group: age_figures(years[own], truth[own], speakers[own], known.median_years)
                for group, own in groups(prepared.words[column][rows])
            }
            for column in GROUPS
        },
        "points": list(zip(truth.tolist(), years.tolist(), strict=True)),
    }


def told_years(heard: Sequence[Evidence], calibration: AgeCalibration) -> tuple[Numbers, Numbers, Numbers]:
    """Return each age and both ends of its interval, whatever else is heard; somebody has to speak in each."""
    everything = forced_age(calibration)
    told = [age_of(each, everything) for each in heard]
    years = np.array([age.years for age in told], np.float32)
    low, high = np.array([age.interval for age in told], np.float32).T
    return years, low, high
