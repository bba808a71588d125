"""A run as a model folder that services/keywords opens: `python -m training.keywords.package RUN PREPARED MODELS`.

With `--final RUN2` the folder's weights are those of RUN2, which learned from all speakers by the same recipe (train.py
--everyone true): calibration, thresholds and every figure stay those of RUN, which has not heard the test speakers.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from shared.problems import Json
from shared.store.publish import seal
from training.keywords.calibrate import Calibration, Logits, fit
from training.keywords.card import model_card
from training.keywords.clip_figures import Metrics, best_clip_threshold
from training.keywords.evaluate import evaluate, open_model, summary
from training.keywords.export import export, hear
from training.keywords.pictures import draw, draw_features
from training.keywords.powers import frames_of, pictures_of
from training.keywords.runs import MODEL, Run, find_run, learning_rows
from training.keywords.splits import Split
from training.keywords.train import logits_of
from training.shared.history import read_history

NEGATIVE_CLIPS, NEGATIVE_SPEECH, NEGATIVE_NOISE = 2_500, 2_500, 600
"""Embeddings that a word of a user's own is told from."""
UNSET = 0.9
"""In place of a threshold that is still to be measured."""


def package(run: Run, final: Run, folder: Path, speech: Sequence[Path], data: Json = None) -> Metrics:
    """Write graph, negatives and manifest into `folder` (NAME/VERSION), and return the figures of `run`.

    `data` is what the manifest says of the recordings: a list of {"name", "licence", "source", "use"}.
    """
    network = _network(run)
    logits, truth = _said(run, network, "validation")
    calibration = fit(logits, truth, run.classes)
    clip = best_clip_threshold(calibration.scores(logits, run.classes), truth)
    with TemporaryDirectory() as scratch:
        judged = Path(scratch, folder.parent.name, folder.name)
        _write(run, network, [], calibration, judged, {"thresholds": {"clip": clip, "stream": UNSET}})
        metrics = evaluate(open_model(judged), run.prepared, speech)
    metrics |= {"learned": _learned(run, network), "teachers": _teachers(run)}
    thresholds = {"clip": round(clip, 3), "stream": round(metrics["stream"]["threshold"], 3)}
    _write(final, _network(final), data or [], calibration, folder, {"thresholds": thresholds}, metrics)
    return metrics


def judged_accuracies(run: Run) -> tuple[float, float]:
    """Return the shares of the validation and of the test speakers' clips that get their label by calibrated scores."""
    network = _network(run)
    validation, test = (_said(run, network, split) for split in ("validation", "test"))
    calibration = fit(*validation, run.classes)
    return _accuracy(calibration, run, *validation), _accuracy(calibration, run, *test)


def _accuracy(calibration: Calibration, run: Run, logits: Logits, truth: NDArray[np.int64]) -> float:
    return float(np.mean(calibration.scores(logits, run.classes).argmax(axis=1) == truth))


def _teachers(run: Run) -> dict[str, tuple[float, float]]:
    folders = [Path(folder) for folder in run.settings.teachers]
    return {folder.name: judged_accuracies(find_run(folder, run.prepared.folder)) for folder in folders}


def _said(run: Run, network: keras.Model, split: Split) -> tuple[Logits, NDArray[np.int64]]:
    """Return the logits of one split's clips, and the numbers of their labels."""
    rows = run.prepared.rows(split)
    logits = logits_of(network, pictures_of(run.prepared.clips[rows], run.features))
    return logits, run.classes.served(run.prepared.words[rows].tolist())


def _write(
    run: Run,
    network: keras.Model,
    data: Json,
    calibration: Calibration,
    folder: Path,
    parameters: dict[str, Any],
    metrics: Metrics | None = None,
) -> None:
    """Write one model folder, sealed."""
    folder.mkdir(parents=True, exist_ok=True)
    export(network, run.classes, calibration, folder / "model.onnx")
    np.save(folder / "negatives.npy", _negatives(run, folder / "model.onnx"))
    (folder / "manifest.json").unlink(missing_ok=True)
    seal(folder, folder.parent.name, folder.name, _facts(run, data, parameters, metrics))


def _learned(run: Run, network: keras.Model) -> dict[str, int]:
    rows = learning_rows(run)
    speakers = len(set(run.prepared.speakers[rows].tolist()))
    return {"clips": len(rows), "speakers": speakers, "weights": network.count_params()}


def _network(run: Run) -> keras.Model:
    network: keras.Model = keras.saving.load_model(run.folder / MODEL)
    return network


def _negatives(run: Run, graph: Path) -> NDArray[np.float16]:
    """Return embeddings, [n, d], of words, read speech and noise of the speakers that were learned from."""
    rng = np.random.default_rng(0)
    rows = rng.permutation(learning_rows(run))[:NEGATIVE_CLIPS]
    frames = run.features.shape[0]
    windows = [
        np.log(long.random(count, frames, rng))
        for long, count in (
            (frames_of(run.prepared, "speech", "train", run.features), NEGATIVE_SPEECH),
            (frames_of(run.prepared, "noise", "train", run.features), NEGATIVE_NOISE),
        )
        if long.recordings
    ]
    pictures = [pictures_of(run.prepared.clips[np.sort(rows)], run.features), *windows]
    return np.concatenate([hear(graph, part.astype(np.float32))[1] for part in pictures]).astype(np.float16)


def _facts(run: Run, data: Json, parameters: dict[str, Any], metrics: Metrics | None) -> dict[str, Any]:
    return {
        "task": "spoken-keyword",
        "engine": "onnx",
        "labels": {"keyword": list(run.classes.labels)},
        "sample_rate_hz": run.features.sample_rate_hz,
        "languages": ["en"],
        "licence": "Apache-2.0",
        "training_data": data,
        "metrics": _few(metrics) if metrics else {},
        "parameters": {"features": asdict(run.features), "enrolment": {}} | parameters,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _few(metrics: Metrics) -> dict[str, float]:
    """Return the figures that the manifest carries."""
    stream = metrics["stream"]
    found = {
        "accuracy": metrics["clips"]["test"]["accuracy"],
        "commands_kept": stream["kept"],
    }
    if stream["speech"]:
        found["false_accepts_per_hour"] = stream["all"]["false_accepts_per_hour"]
    return {name: round(value, 4) for name, value in found.items()}


def main() -> None:
    """Read the command line and write the model folder, its card and its pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of the run to judge")
    parser.add_argument("prepared", type=Path, help="folder of prepare.py")
    parser.add_argument("models", type=Path, help="the model store")
    parser.add_argument("--name", default="keywords")
    parser.add_argument("--version", default="1")
    parser.add_argument("--final", type=Path, help="run whose weights to serve; by default the run itself")
    parser.add_argument("--speech", type=Path, action="append", default=[], help="more speech without commands")
    parser.add_argument("--data", type=Path, help="JSON list of the recordings' names, licences, sources and uses")
    parser.add_argument("--seed-cnn", type=Path, help="folder of seed.py, to show beside it on the card")
    arguments = parser.parse_args()
    run = find_run(arguments.run, arguments.prepared)
    final = arguments.final or arguments.run
    folder = arguments.models / arguments.name / arguments.version
    data = json.loads(arguments.data.read_text()) if arguments.data else []
    metrics = package(run, find_run(final, arguments.prepared), folder, arguments.speech, data)
    (arguments.run / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
    amounts = arguments.run.parent / "amounts" / "amounts.csv"
    draw(arguments.run / "judged.png", metrics, read_history(arguments.run), amounts)
    draw_features(arguments.run / "features.png", run.prepared, run.classes.keywords[:5])
    (folder / "MODEL_CARD.md").write_text(model_card(arguments.name, arguments.run, final, arguments.seed_cnn, data))
    sys.stdout.write(summary(metrics))


if __name__ == "__main__":
    main()
