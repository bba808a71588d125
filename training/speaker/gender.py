"""How right a model for gender is: forced to answer, and when it may say that it does not know."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from services.speaker.answers import Gender
from services.speaker.calibration import GenderCalibration
from services.speaker.pooling import Evidence, gender_of
from training.shared.calibration import calibration_error
from training.speaker.calibrate import forced_gender
from training.speaker.figures import Metrics, by_speaker, confusion, gender_figures, groups
from training.speaker.prepared import Prepared, Rows
from training.speaker.targets import FEMALE, MALE, is_female

Numbers = NDArray[np.float32]
GROUPS = ("data_set", "age_group")


def gender_metrics(
    prepared: Prepared, rows: Rows, heard: Sequence[Evidence], calibration: GenderCalibration
) -> Metrics:
    """Return recalls, of all and by group, and how right and how sure answers are where there are any."""
    truth, speakers = is_female(prepared, rows), prepared.words["speaker"][rows]
    scores = female_scores(heard, calibration)
    told = [gender_of(each, calibration) for each in heard]
    return {
        "all": gender_figures(scores, truth, speakers),
        **{
            f"by_{column}": {
                group: gender_figures(scores[own], truth[own], speakers[own])
                for group, own in groups(prepared.words[column][rows])
            }
            for column in GROUPS
        },
        "answered": _answered(told, truth, speakers),
    }


def female_scores(heard: Sequence[Evidence], calibration: GenderCalibration) -> Numbers:
    """Return how likely each voice is a woman's, [n], whatever else is heard; NaN where nobody speaks."""
    gender = forced_gender(calibration)
    told = [gender_of(each, gender) if each.speech_seconds else None for each in heard]
    return np.array([one.scores.female if one else np.nan for one in told], np.float32)


def _answered(told: Sequence[Gender], truth: Numbers, speakers: NDArray[np.str_]) -> Metrics:
    """Return the same of those recordings that the service would give an answer for."""
    own = np.array([each.reason is None for each in told])
    reasons = Counter(str(each.reason) for each in told if each.reason)
    if not own.any():
        return {"share": 0.0, "reasons": dict(reasons)}
    scores = np.array([each.scores.female for each in told], np.float32)[own]
    both = np.stack([scores, 1 - scores], axis=1)
    said, true = (np.where(each > 0.5, FEMALE, MALE).tolist() for each in (scores, truth[own]))
    return {
        **gender_figures(scores, truth[own], speakers[own]),
        "share": float(by_speaker(own.astype(np.float32), speakers)[1].mean()),
        "reasons": dict(reasons),
        "confusion": confusion(said, true, [FEMALE, MALE]),
        "calibration_error": calibration_error(both, np.where(truth[own] > 0.5, 0, 1)),
        "points": _points(both.max(axis=1), (scores > 0.5) == (truth[own] > 0.5)),
    }


def _points(sure: Numbers, right: NDArray[np.bool_], bins: int = 5) -> list[tuple[float, float, int]]:
    """Return how sure, how often right and how many, in equal parts of the recordings."""
    parts = np.array_split(np.argsort(sure), min(bins, len(sure)))
    return [(float(sure[part].mean()), float(right[part].mean()), len(part)) for part in parts]
