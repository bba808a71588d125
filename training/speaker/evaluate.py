"""Every figure of a model, by data set and by group, of speakers whom it has not learned from."""

from collections.abc import Sequence

import numpy as np

from services.speaker.calibration import AgeCalibration, Calibration, GenderCalibration
from services.speaker.features import VoiceFeatures
from services.speaker.pooling import Evidence
from training.keywords.splits import Split
from training.speaker.age import age_metrics
from training.speaker.calibrate import calibrate_age, calibrate_gender
from training.speaker.figures import Metrics
from training.speaker.gender import gender_metrics
from training.speaker.judging import Network, hear, heard_of, judged_rows
from training.speaker.made import SAMPLE_RATE_HZ, made_sound
from training.speaker.pieces import MADE
from training.speaker.prepared import Rows
from training.speaker.runs import Run
from training.speaker.targets import is_female

AS_IT_IS, VARIED = "as it is", "varied"
VERSIONS = {AS_IT_IS: 0, VARIED: 1}
MADE_SOUNDS, _MADE_SECONDS = 200, 5


def calibrate(run: Run, network: Network) -> Calibration:
    """Fit everything on the validation speakers, and on made sounds that are theirs."""
    rows = rows_of(run, "validation")
    heard = heard_of(run, network, rows)
    made = heard_of(run, network, run.prepared.rows(MADE, "validation"))
    if run.settings.task == "gender":
        return calibrate_gender(heard, is_female(run.prepared, rows), made)
    return calibrate_age(heard, run.prepared.age_years[rows], made)


def evaluate(run: Run, network: Network, calibration: Calibration) -> Metrics:
    """Return figures of the test speakers by data set, of their recordings as they are and varied."""
    found: Metrics = {}
    for name, version in VERSIONS.items():
        rows = rows_of(run, "test", version)
        if len(rows):
            found[name] = _judged(run, rows, heard_of(run, network, rows), calibration)
    return found | {"no_speech": _abstention(run, network, calibration)}


def rows_of(run: Run, split: Split, version: int = 0) -> Rows:
    """Return the recordings to judge a run with, of which the truth is known."""
    rows = run.voices(split)
    truth = is_female(run.prepared, rows) if run.settings.task == "gender" else run.prepared.age_years[rows]
    return judged_rows(run, rows, truth, version)


def _judged(run: Run, rows: Rows, heard: Sequence[Evidence], calibration: Calibration) -> Metrics:
    if isinstance(calibration, GenderCalibration):
        return gender_metrics(run.prepared, rows, heard, calibration)
    if not isinstance(calibration, AgeCalibration):
        raise TypeError(calibration)
    return age_metrics(run.prepared, rows, heard, calibration, rows_of(run, "train"))


def _abstention(run: Run, network: Network, calibration: Calibration) -> Metrics:
    """Return for how many of the made sounds there is no answer; none of them was learned from."""
    rng = np.random.default_rng(20_000)
    sounds = (made_sound(_MADE_SECONDS * SAMPLE_RATE_HZ, rng) for _ in range(MADE_SOUNDS))
    frames = (VoiceFeatures().frames(sound) for sound in sounds)
    heard = hear(network, frames, run.settings.mixture.window_frames)
    silent = [each.speech_seconds < calibration.least_speech_seconds for each in heard]
    return {"sounds": MADE_SOUNDS, "abstained": float(np.mean(silent))}
