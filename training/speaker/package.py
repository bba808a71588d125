"""A run as a model folder that services/speaker opens: `python -m training.speaker.package RUN PREPARED MODELS`.

With `--final RUN2` the folder's weights are those of RUN2, which learned from all speakers by the same recipe (train.py
--everyone): calibration and every figure stay those of RUN, which has not heard the test speakers. With `--leaky RUN3`,
trained with --leaky, the card shows beside them what a split by clips would have pretended.
"""

import argparse
import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np

from services.speaker.features import VoiceFeatures
from shared.problems import Json
from shared.store.publish import seal
from training.speaker.card import model_card
from training.speaker.evaluate import Calibration, Metrics, calibrate, evaluate, heard_of, judged_rows
from training.speaker.export import export, exported, trained
from training.speaker.figures import gender_figures
from training.speaker.pieces import VOICE
from training.speaker.runs import MODEL, Run, find_run
from training.speaker.targets import FIRST_YEAR, LAST_YEAR, is_female


def package(run: Run, final: Run, folder: Path, leaky: Run | None = None, data: Json = None) -> Metrics:
    """Write graph, manifest and card into `folder` (NAME/VERSION), and return the figures of `run`.

    `data` is what the manifest says of the recordings: a list of {"name", "licence", "source", "use"}.
    """
    task = run.settings.task
    with TemporaryDirectory() as scratch:
        graph = Path(scratch, "model.onnx")
        export(_network(run), task, graph)
        calibration = calibrate(run, exported(graph, task))
        metrics = evaluate(run, exported(graph, task), calibration)
    metrics |= {"learned": _learned(run), "calibration": asdict(calibration)}
    if leaky:
        metrics["leaky"] = leaky_recall(leaky)
    folder.mkdir(parents=True, exist_ok=True)
    export(_network(final), task, folder / "model.onnx")
    (folder / "MODEL_CARD.md").write_text(model_card(folder.parent.name, task, asdict(run.settings), metrics))
    (folder / "manifest.json").unlink(missing_ok=True)
    seal(folder, folder.parent.name, folder.name, _facts(final, calibration, metrics, data))
    return metrics


def leaky_recall(run: Run) -> float:
    """Return the recall of a run that has heard the speakers whom it is judged with."""
    rows = judged_rows(run, "test")
    rows = rows[np.isin(run.prepared.words["data_set"][rows], run.settings.data_sets or run.prepared.words["data_set"])]
    heard = heard_of(run, trained(_network(run), run.settings.task), rows)
    scores = (heard.answer[:, 0] > 0).astype(np.float32)
    return gender_figures(scores, is_female(run.prepared, rows), run.prepared.words["speaker"][rows])["recall"]


def _network(run: Run) -> keras.Model:
    return keras.saving.load_model(run.folder / MODEL)


def _learned(run: Run) -> dict[str, int]:
    rows = run.voices("train")
    names = run.prepared.words["speaker"][rows]
    return {"clips": int((run.prepared.version[rows] == 0).sum()), "speakers": len(np.unique(names))}


def _facts(run: Run, calibration: Calibration, metrics: Metrics, data: Json) -> dict[str, Any]:
    task = run.settings.task
    told = metrics["as it is"]["all"]
    return {
        "task": f"speaker-{task}",
        "engine": "onnx",
        "sample_rate_hz": VoiceFeatures().sample_rate_hz,
        "languages": ["en"],
        "licence": "Apache-2.0",
        "training_data": data or _training_data(run),
        "metrics": {name: round(value, 4) for name, value in told.items()},
        "parameters": {
            "features": asdict(VoiceFeatures()),
            "window_frames": run.settings.mixture.window_frames,
            "calibration": asdict(calibration) | ({"years": [FIRST_YEAR, LAST_YEAR]} if task == "age" else {}),
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _training_data(run: Run) -> list[dict[str, str]]:
    """Return each data set that was learned from, with the licences of its clips."""
    words = run.prepared.words
    names = run.settings.data_sets or tuple(np.unique(words["data_set"][run.prepared.rows(VOICE)]).tolist())
    licences = {name: np.unique(words["licence"][words["data_set"] == name]).tolist() for name in names}
    told = {"source": "catalogue", "use": "learned from"}
    return [{"name": name, "licence": ", ".join(filter(None, licences[name])), **told} for name in names]


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
    parser.add_argument("--data", type=Path, help="JSON list of the recordings' names, licences, sources and uses")
    told = parser.parse_args()
    run = find_run(told.run, told.prepared)
    final, leaky = (find_run(each, told.prepared) if each else None for each in (told.final, told.leaky))
    folder = told.models / (told.name or run.settings.task) / told.version
    metrics = package(run, final or run, folder, leaky, json.loads(told.data.read_text()) if told.data else None)
    (told.run / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
    sys.stdout.write(json.dumps(metrics["as it is"]["all"], indent=1) + "\n")


if __name__ == "__main__":
    main()
