"""Every figure of a model, by data set and by group, of speakers whom it has not learned from."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.speaker.features import VoiceFeatures
from training.shared.calibration import calibration_error
from training.speaker.calibrate import Scale, fit_scale, fit_widening, interval_years, quantile_years
from training.speaker.figures import age_figures, confusion, gender_figures
from training.speaker.judging import Heard, Network, Numbers, hear
from training.speaker.linear import linear_years, statistics
from training.speaker.made import SAMPLE_RATE_HZ, made_sound
from training.speaker.pieces import MADE
from training.speaker.prepared import Rows
from training.speaker.runs import Run
from training.speaker.targets import FEMALE, MALE, is_female

Metrics = dict[str, Any]

MADE_SOUNDS, _MADE_SECONDS = 200, 5
_SINGLE_SHARE, _REJECTED_SHARE = 0.98, 0.99
_LEAST_SPEECH_SECONDS = (0.5, 1.5)
"""Where the least speech may be placed: more would turn away too many who speak."""
_LEAST_SCORE = 0.6
_MOST_ROWS = 5_000
"""Recordings to judge with, chosen at random where there are more."""


@dataclass(frozen=True)
class Calibration:
    """What stands between a network's answers and those of the service; the manifest carries it."""

    temperature: float = 1.0
    widening_years: float = 0.0
    least_speech_seconds: float = _LEAST_SPEECH_SECONDS[0]
    least_score: float = _LEAST_SCORE
    most_several: float = 0.5


def calibrate(run: Run, network: Network) -> Calibration:
    """Fit everything on the validation speakers, and on made sounds that are theirs."""
    rows = judged_rows(run, "validation")
    heard = heard_of(run, network, rows)
    made = heard_of(run, network, run.prepared.rows(MADE, "validation"))
    return Calibration(
        **({"temperature": _temperature(run, rows, heard)} if run.settings.task == "gender" else {}),
        **({"widening_years": fit_widening(heard.answer, _ages(run, rows))} if run.settings.task == "age" else {}),
        least_speech_seconds=float(np.clip(np.quantile(made.speech_seconds, _REJECTED_SHARE), *_LEAST_SPEECH_SECONDS)),
        most_several=max(0.5, float(np.quantile(heard.several, _SINGLE_SHARE))),
    )


def evaluate(run: Run, network: Network, calibration: Calibration) -> Metrics:
    """Return figures of the test speakers by data set, of their recordings as they are and varied."""
    figures = gender_metrics if run.settings.task == "gender" else age_metrics
    versions = {"as it is": 0, "varied": 1}
    found: Metrics = {}
    for name, version in versions.items():
        rows = judged_rows(run, "test", version)
        if len(rows):
            found[name] = figures(run, rows, heard_of(run, network, rows), calibration)
    return found | {"no_speech": _abstention(run, network, calibration)}


def gender_metrics(run: Run, rows: Rows, heard: Heard, calibration: Calibration) -> Metrics:
    """Return recalls by data set and by age group, confusion, and how well scores are calibrated."""
    words, truth = run.prepared.words, is_female(run.prepared, rows)
    scores = Scale(calibration.temperature).female(heard.answer[:, 0])
    both = np.stack([scores, 1 - scores], axis=1)
    named = [np.where(each > 0.5, FEMALE, MALE).tolist() for each in (scores, truth)]
    return {
        "all": gender_figures(scores, truth, words["speaker"][rows]),
        **{
            f"by_{column}": {
                group: gender_figures(scores[own], truth[own], words["speaker"][rows[own]])
                for group, own in _groups(words[column][rows])
            }
            for column in ("data_set", "age_group")
        },
        "confusion": confusion(named[0], named[1], [FEMALE, MALE]),
        "calibration_error": calibration_error(both, np.where(truth > 0.5, 0, 1)),
        "abstained": float(np.mean(abstains(heard, both.max(axis=1), calibration))),
    }


def age_metrics(run: Run, rows: Rows, heard: Heard, calibration: Calibration) -> Metrics:
    """Return errors by data set, gender and age group; those of a constant and of a linear model; and coverage."""
    words, truth = run.prepared.words, _ages(run, rows)
    years = quantile_years(heard.answer, 0.5)
    known = judged_rows(run, "train")
    constant = float(np.median(_ages(run, known)))
    low, high = interval_years(heard.answer, calibration.widening_years)
    linear = linear_years(statistics(run.prepared, known), _ages(run, known), statistics(run.prepared, rows))
    speakers = words["speaker"][rows]
    return {
        "all": age_figures(years, truth, speakers, constant),
        "linear": age_figures(linear, truth, speakers, constant),
        "coverage": float(np.mean((low <= truth) & (truth <= high))),
        **{
            f"by_{column}": {
                group: age_figures(years[own], truth[own], speakers[own], constant)
                for group, own in _groups(words[column][rows])
            }
            for column in ("data_set", "gender", "age_group")
        },
    }


def abstains(heard: Heard, scores: Numbers, calibration: Calibration) -> NDArray[np.bool_]:
    """Return for which recordings the service would say `unknown`."""
    return np.asarray(
        (heard.speech_seconds < calibration.least_speech_seconds)
        | (heard.several > calibration.most_several)
        | (scores < calibration.least_score)
    )


def judged_rows(run: Run, split: Any, version: int = 0) -> Rows:
    """Return the recordings of a split, in one version, of which the truth is known."""
    rows = run.voices(split)
    truth = is_female(run.prepared, rows) if run.settings.task == "gender" else run.prepared.age_years[rows]
    rows = rows[(run.prepared.version[rows] == version) & ~np.isnan(truth)]
    chosen = np.random.default_rng(0).permutation(rows)[:_MOST_ROWS]
    return np.sort(chosen)


def heard_of(run: Run, network: Network, rows: Rows) -> Heard:
    """Judge pieces as the service does."""
    pieces = (run.prepared.piece(row)[0] for row in rows.tolist())
    return hear(network, pieces, run.settings.mixture.window_frames)


def _abstention(run: Run, network: Network, calibration: Calibration) -> Metrics:
    """Return how many of the made sounds are taken for a voice; none of them was learned from."""
    rng = np.random.default_rng(20_000)
    sounds = (made_sound(_MADE_SECONDS * SAMPLE_RATE_HZ, rng) for _ in range(MADE_SOUNDS))
    frames = (VoiceFeatures().frames(sound) for sound in sounds)
    heard = hear(network, frames, run.settings.mixture.window_frames)
    silent = heard.speech_seconds < calibration.least_speech_seconds
    return {"sounds": MADE_SOUNDS, "abstained": float(silent.mean())}


def _temperature(run: Run, rows: Rows, heard: Heard) -> float:
    return fit_scale(heard.answer[:, 0], is_female(run.prepared, rows)).temperature


def _ages(run: Run, rows: Rows) -> Numbers:
    return run.prepared.age_years[rows]


def _groups(column: NDArray[np.str_]) -> Iterator[tuple[str, Rows]]:
    for name in np.unique(column).tolist():
        yield name, np.flatnonzero(column == name)
