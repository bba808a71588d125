"""Every figure of a model, by data set and by group, of speakers whom it has not learned from."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from services.speaker.answers import Reason
from services.speaker.calibration import AnyCalibration, GenderCalibration
from services.speaker.features import VoiceFeatures
from services.speaker.pooling import Evidence, age_of, gender_of
from training.keywords.splits import Split
from training.shared.sounds import Samples, read_sound
from training.speaker.age import age_metrics, known_of
from training.speaker.calibrate import calibrate_age, calibrate_gender
from training.speaker.figures import Metrics
from training.speaker.gender import gender_metrics
from training.speaker.judging import Network, hear, judged_rows
from training.speaker.made import SAMPLE_RATE_HZ, made_sound
from training.speaker.pieces import MADE
from training.speaker.prepared import Rows
from training.speaker.runs import Run
from training.speaker.targets import is_female

AS_IT_IS, VARIED = "as it is", "varied"
VERSIONS = {AS_IT_IS: 0, VARIED: 1}
_MADE_SOUNDS, _PIECE_SECONDS, _MOST_SECONDS = 200, 5, 3_600.0
_RECORDINGS = frozenset({".wav", ".flac", ".ogg", ".opus", ".mp3"})


def calibrate(run: Run, network: Network) -> AnyCalibration:
    """Fit everything on the validation speakers, as they are and varied, and on made sounds that are theirs."""
    rows = np.concatenate([rows_of(run, "validation", version) for version in VERSIONS.values()])
    heard = heard_of(run, network, rows)
    made = heard_of(run, network, run.prepared.rows(MADE, "validation"))
    if run.settings.task == "gender":
        speakers = len(np.unique(run.prepared.words["speaker"][rows]))
        return calibrate_gender(heard, is_female(run.prepared, rows), speakers, made)
    return calibrate_age(heard, run.prepared.age_years[rows], made)


def evaluate(run: Run, network: Network, calibration: AnyCalibration) -> Metrics:
    """Return figures of the test speakers by data set, of their recordings as they are and varied."""
    found, figures = dict[str, Metrics](), _figures(run, calibration)
    for name, version in VERSIONS.items():
        rows = rows_of(run, "test", version)
        if len(rows):
            found[name] = figures(rows, heard_of(run, network, rows))
    return found | {"made": abstention(run, network, calibration, made_sounds())}


def heard_of(run: Run, network: Network, rows: Rows) -> list[Evidence]:
    """Hear pieces as the service does."""
    pieces = (run.prepared.piece(row)[0] for row in rows.tolist())
    return hear(network, pieces, run.settings.mixture.window_frames)


def rows_of(run: Run, split: Split, version: int = 0) -> Rows:
    """Return the recordings to judge a run with, of which the truth is known."""
    rows = run.voices(split)
    truth = is_female(run.prepared, rows) if run.settings.task == "gender" else run.prepared.age_years[rows]
    return judged_rows(run.prepared, rows, truth, version)


def _figures(run: Run, calibration: AnyCalibration) -> Callable[[Rows, Sequence[Evidence]], Metrics]:
    """Return how what was heard in recordings is judged."""
    if isinstance(calibration, GenderCalibration):
        return lambda rows, heard: gender_metrics(run.prepared, rows, heard, calibration)
    known = known_of(run.prepared, rows_of(run, "train"))
    return lambda rows, heard: age_metrics(run.prepared, rows, heard, calibration, known)


def abstention(run: Run, network: Network, calibration: AnyCalibration, sounds: Iterable[Samples]) -> Metrics:
    """Return how many of the sounds, in none of which anybody speaks, get no answer."""
    frames = (VoiceFeatures().frames(sound) for sound in sounds)
    heard = hear(network, frames, run.settings.mixture.window_frames)
    return {
        "sounds": len(heard),
        "abstained": float(np.mean([_reason(each, calibration) is not None for each in heard])),
    }


def _reason(heard: Evidence, calibration: AnyCalibration) -> Reason | None:
    """Return why nothing is told, None where something is."""
    if isinstance(calibration, GenderCalibration):
        return gender_of(heard, calibration).reason
    return age_of(heard, calibration).reason


def made_sounds() -> Iterator[Samples]:
    """Yield the sounds of nobody that every model is judged with; none of them was learned from."""
    rng = np.random.default_rng(20_000)
    return (made_sound(_PIECE_SECONDS * SAMPLE_RATE_HZ, rng) for _ in range(_MADE_SOUNDS))


def pieces_of(folder: Path) -> Iterator[Samples]:
    """Yield the recordings of a folder, cut into pieces. Raises Damaged."""
    length = _PIECE_SECONDS * SAMPLE_RATE_HZ
    for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in _RECORDINGS):
        samples = read_sound(path, SAMPLE_RATE_HZ, _MOST_SECONDS)
        yield from (samples[start : start + length] for start in range(0, len(samples) - length + 1, length))
