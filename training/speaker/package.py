"""A run as a model folder that services/speaker opens: `python -m training.speaker.package RUN PREPARED MODELS`.

With `--final RUN2` the folder's weights are those of RUN2, which learned from all speakers by the same recipe (train.py
--everyone): calibration and every figure stay those of RUN, which has not heard the test speakers. With `--leaky RUN3`,
trained with --leaky, the card shows beside them what a split by clips would have pretended. Where what was learned from
allows no commercial use, the manifest says so.
"""

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from services.speaker.calibration import AnyCalibration, GenderCalibration
from services.speaker.features import VoiceFeatures
from shared.problems import Json
from shared.store.publish import seal
from training.shared.history import read_history
from training.shared.sounds import Damaged
from training.speaker.card import PICTURE, model_card
from training.speaker.evaluate import AS_IT_IS, abstention, calibrate, evaluate, heard_of, pieces_of, rows_of
from training.speaker.export import export, exported, trained
from training.speaker.figures import Metrics, gender_figures
from training.speaker.gender import female_scores
from training.speaker.licences import is_noncommercial
from training.speaker.pictures import draw
from training.speaker.pieces import VOICE
from training.speaker.runs import MODEL, Run, find_run
from training.speaker.targets import is_female

_FREE = "Apache-2.0"


@dataclass(frozen=True)
class Terms:
    """On which terms a model may be used, and what it was made from."""

    licence: str = _FREE
    data: Json = None
    """A list of {"name", "licence", "source", "use"}; by default what the catalogue knows."""


@dataclass(frozen=True)
class Beside:
    """What the card compares with."""

    leaky: Run | None = None
    no_speech: Path | None = None
    """Folder of recordings in which nobody speaks."""


def package(run: Run, final: Run, folder: Path, beside: Beside = Beside(), terms: Terms = Terms()) -> Metrics:
    """Write graph, manifest and card into `folder` (NAME/VERSION), and return the figures of `run`.

    Raises ValueError where the licence is freer than those of what was learned from, and Damaged.
    """
    allows_no_commerce = _allows_no_commerce(final)
    if allows_no_commerce and terms.licence == _FREE:
        raise ValueError("some of what it learned from allows no commercial use: --licence has to say so")
    task = run.settings.task
    calibration, metrics = _judged(run, beside.no_speech)
    if beside.leaky and isinstance(calibration, GenderCalibration):
        metrics["leaky"] = leaky_recall(beside.leaky, calibration)
    folder.mkdir(parents=True, exist_ok=True)
    export(_network(final), task, folder / "model.onnx")
    draw(folder / PICTURE, task, metrics, read_history(run.folder))
    terms_told = {"licence": terms.licence, "noncommercial": allows_no_commerce}
    card = model_card(folder.parent.name, task, asdict(run.settings), metrics | terms_told)
    (folder / "MODEL_CARD.md").write_text(card)
    (folder / "manifest.json").unlink(missing_ok=True)
    facts = _facts(final, calibration, metrics) | terms_told
    seal(folder, folder.parent.name, folder.name, facts | {"training_data": terms.data or _training_data(final)})
    return metrics


def _judged(run: Run, no_speech: Path | None) -> tuple[AnyCalibration, Metrics]:
    task = run.settings.task
    with TemporaryDirectory() as scratch:
        graph = Path(scratch, "model.onnx")
        export(_network(run), task, graph)
        network = exported(graph, task)
        calibration = calibrate(run, network)
        metrics = evaluate(run, network, calibration)
        if no_speech:
            metrics["recorded"] = abstention(run, network, calibration, pieces_of(no_speech))
    return calibration, metrics | {"learned": _learned(run), "calibration": asdict(calibration)}


def leaky_recall(run: Run, calibration: GenderCalibration) -> float:
    """Return the recall of a run that has heard the speakers whom it is judged with."""
    rows = rows_of(run, "test")
    rows = rows[np.isin(run.prepared.words["data_set"][rows], _data_sets(run))]
    heard = heard_of(run, trained(_network(run), run.settings.task), rows)
    scores = female_scores(heard, calibration)
    return gender_figures(scores, is_female(run.prepared, rows), run.prepared.words["speaker"][rows])["recall"]


def _network(run: Run) -> keras.Model:
    return keras.saving.load_model(run.folder / MODEL)


def _learned(run: Run) -> dict[str, int]:
    rows = run.learned()
    names = run.prepared.words["speaker"][rows]
    return {"clips": int((run.prepared.version[rows] == 0).sum()), "speakers": len(np.unique(names))}


def _facts(run: Run, calibration: AnyCalibration, metrics: Metrics) -> dict[str, Any]:
    return {
        "task": f"speaker-{run.settings.task}",
        "engine": "onnx",
        "sample_rate_hz": VoiceFeatures().sample_rate_hz,
        "languages": ["en"],
        "metrics": {name: round(value, 4) for name, value in metrics[AS_IT_IS]["all"].items()},
        "parameters": {
            "features": asdict(VoiceFeatures()),
            "window_frames": run.settings.mixture.window_frames,
            "calibration": asdict(calibration),
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _data_sets(run: Run) -> tuple[str, ...]:
    everything = np.unique(run.prepared.words["data_set"][run.prepared.rows(VOICE)])
    return run.settings.data_sets or tuple(everything.tolist())


def _training_data(run: Run) -> list[dict[str, str]]:
    """Return each data set that was learned from, with the licences of its clips."""
    words = run.prepared.words
    licences = {name: np.unique(words["licence"][words["data_set"] == name]).tolist() for name in _data_sets(run)}
    told = {"source": "catalogue", "use": "learned from"}
    return [{"name": name, "licence": ", ".join(filter(None, each)), **told} for name, each in licences.items()]


def _allows_no_commerce(run: Run) -> bool:
    licences = np.unique(run.prepared.words["licence"][run.learned()])
    return any(is_noncommercial(licence) for licence in licences.tolist())


def main() -> None:
    """Read the command line and write the model folder and its card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of the run to judge")
    parser.add_argument("prepared", type=Path, help="folder of prepare.py")
    parser.add_argument("models", type=Path, help="the model store")
    parser.add_argument("--name", help="default: the task")
    parser.add_argument("--version", default="1")
    parser.add_argument("--final", type=Path, help="run whose weights to serve; by default the run itself")
    parser.add_argument("--leaky", type=Path, help="run of a split by clips, for comparison")
    parser.add_argument("--no-speech", type=Path, help="folder of recordings in which nobody speaks, to judge with")
    parser.add_argument("--licence", default=_FREE, help=f"of the weights; default: {_FREE}")
    parser.add_argument("--data", type=Path, help="JSON list of the recordings' names, licences, sources and uses")
    told = parser.parse_args()
    run = find_run(told.run, told.prepared)
    final, leaky = (find_run(each, told.prepared) if each else None for each in (told.final, told.leaky))
    folder = told.models / (told.name or run.settings.task) / told.version
    terms = Terms(told.licence, json.loads(told.data.read_text()) if told.data else None)
    try:
        metrics = package(run, final or run, folder, Beside(leaky, told.no_speech), terms)
    except (ValueError, Damaged) as error:
        parser.error(str(error))
    (told.run / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
    sys.stdout.write(json.dumps(metrics[AS_IT_IS]["all"], indent=1) + "\n")


if __name__ == "__main__":
    main()
