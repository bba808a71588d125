"""Every figure of a model folder, from the graph that is served: `python -m training.keywords.evaluate MODEL PREPARED`.

Clips are those of the test speakers; thresholds come from the validation speakers. `--speech FOLDER` names more speech
without commands to listen to, which is only measured.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import KeywordEngine
from services.keywords.engines.onnx import Onnx
from shared.store import LocalModel
from shared.store.manifest import parse_manifest
from training.keywords.calibrate import calibration_error
from training.keywords.data import Classes, Prepared, Split, as_float, read_prepared
from training.keywords.sounds import Samples
from training.keywords.streams import (
    MARGIN_SECONDS,
    FalseAccepts,
    command_scores,
    false_accepts,
    operating_points,
    speech_of,
    threshold_that_keeps,
)

KEPT_SHARE = 0.9
"""Of the commands of the validation speakers, the threshold for streams keeps this share."""
NOISE_DECIBELS = (20, 10, 5, 0, -5)
Metrics = dict[str, Any]


def evaluate(engine: KeywordEngine, prepared: Prepared, speech: Sequence[Path]) -> Metrics:
    """Return all figures as JSON values."""
    classes = Classes((), tuple(engine.labels[:-2]))
    validation = command_scores(engine, _commands(prepared, classes, "validation"), _quiet(prepared, "validation"))
    threshold = threshold_that_keeps(KEPT_SHARE, validation)
    commands = command_scores(engine, _commands(prepared, classes, "test"), _quiet(prepared, "test"))
    heard = {"unseen speakers": false_accepts(engine, _transcribed(prepared))}
    heard |= {folder.name: false_accepts(engine, speech_of(folder, 16_000)) for folder in speech}
    return {
        "clips": {split: clip_figures(engine, prepared, classes, split) for split in ("validation", "test")},
        "noise": {str(decibels): _noisy_accuracy(engine, prepared, classes, decibels) for decibels in NOISE_DECIBELS},
        "stream": {
            "threshold": threshold,
            "kept": float(np.mean(commands >= threshold)),
            "speech": {name: _heard_figures(found, threshold) for name, found in heard.items()},
            "all": _heard_figures(_together(heard.values()), threshold),
            "points": operating_points(commands, _together(heard.values())),
        },
    }


def clip_figures(engine: KeywordEngine, prepared: Prepared, classes: Classes, split: Split) -> Metrics:
    """Return accuracy, confusion and calibration on the clips of one split."""
    rows = prepared.rows(split)
    scores = scores_of(engine, prepared, rows)
    truth = classes.served(prepared.words[rows].tolist())
    said = decided(scores, engine.thresholds.clip)
    confusion = np.zeros((len(classes.labels), len(classes.labels)), np.int64)
    np.add.at(confusion, (truth, said), 1)
    return {
        "accuracy": float(np.mean(said == truth)),
        "clips": len(rows),
        "speakers": len(set(prepared.speakers[rows].tolist())),
        "calibration_error": calibration_error(scores, truth),
        "labels": list(classes.labels),
        "confusion": confusion.tolist(),
        "words": _word_figures(confusion, classes.labels),
    }


def scores_of(engine: KeywordEngine, prepared: Prepared, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the served scores of clips, [n, labels]."""
    blocks = [rows[start : start + 64] for start in range(0, len(rows), 64)]
    clips = ([as_float(clip) for clip in prepared.clips[block]] for block in blocks)
    pictures = (np.concatenate([engine.features.pictures(clip) for clip in block]) for block in clips)
    return np.concatenate([engine.hear(block).scores for block in pictures])


def decided(scores: NDArray[np.float32], threshold: float) -> NDArray[np.int64]:
    """Return the labels' numbers as the service decides on a clip: the best word if it reaches the threshold."""
    words = scores.shape[1] - 2
    is_word = scores[:, :words].max(axis=1) >= threshold
    best_word, best_rest = scores[:, :words].argmax(axis=1), words + scores[:, words:].argmax(axis=1)
    return np.asarray(np.where(is_word, best_word, best_rest))


def best_clip_threshold(scores: NDArray[np.float32], truth: NDArray[np.int64]) -> float:
    """Return the threshold of the most right decisions; of equal ones the middle."""
    thresholds = np.arange(0.2, 0.81, 0.02)
    right = np.array([np.mean(decided(scores, float(threshold)) == truth) for threshold in thresholds])
    return float(np.median(thresholds[right == right.max()]))


def _word_figures(confusion: NDArray[np.int64], labels: Sequence[str]) -> dict[str, dict[str, float]]:
    right = np.diag(confusion)
    recall = right / np.maximum(confusion.sum(axis=1), 1)
    precision = right / np.maximum(confusion.sum(axis=0), 1)
    f1 = 2 * recall * precision / np.maximum(recall + precision, 1e-9)
    return {
        label: {"precision": float(precision[row]), "recall": float(recall[row]), "f1": float(f1[row])}
        | {"clips": int(confusion[row].sum())}
        for row, label in enumerate(labels)
    }


def _noisy_accuracy(engine: KeywordEngine, prepared: Prepared, classes: Classes, decibels: float) -> float:
    """Return the accuracy on test clips with noise of the test split at a ratio."""
    rng = np.random.default_rng(0)
    rows = prepared.rows("test")
    noise = prepared.segments("noise", "test")
    clips = (as_float(clip) for clip in prepared.clips[rows])
    mixed = (_mixed(clip, noise.random(len(clip), rng), decibels) for clip in clips)
    scores = np.concatenate([engine.hear(engine.features.pictures(samples)).scores for samples in mixed])
    said = decided(scores, engine.thresholds.clip)
    return float(np.mean(said == classes.served(prepared.words[rows].tolist())))


def _mixed(clip: Samples, noise: Samples, decibels: float) -> Samples:
    loudness = np.sqrt(np.mean(clip**2)) / (np.sqrt(np.mean(noise**2)) + 1e-9)
    return np.clip(clip + noise * np.float32(loudness * 10 ** (-decibels / 20)), -1, 1)


def _commands(prepared: Prepared, classes: Classes, split: Split) -> Iterator[tuple[Samples, str]]:
    for row in prepared.rows(split):
        if prepared.words[row] in classes.keywords:
            yield as_float(prepared.clips[row]), str(prepared.words[row])


def _quiet(prepared: Prepared, split: Split) -> Iterator[Samples]:
    """Yield faint noise of one split, for ever."""
    noise = prepared.segments("noise", split)
    rng = np.random.default_rng(0)
    while True:
        samples = noise.random(round(MARGIN_SECONDS * 16_000), rng)
        yield samples * np.float32(0.003 / (np.sqrt(np.mean(samples**2)) + 1e-9))


def _transcribed(prepared: Prepared) -> Iterator[tuple[Samples, str]]:
    """Yield the read speech of speakers not learned from; without its text nobody knows whether it holds a command."""
    splits: tuple[Split, ...] = ("validation", "test")
    for speech in (prepared.segments("speech", split) for split in splits):
        for start, length, text in zip(speech.starts, speech.lengths, speech.texts, strict=True):
            if text:
                yield as_float(speech.pcm[start : start + length]), text


def _together(parts: Iterable[FalseAccepts]) -> FalseAccepts:
    whole = FalseAccepts()
    for part in parts:
        whole.scores += part.scores
        whole.words += part.words
        whole.hours += part.hours
    return whole


def _heard_figures(found: FalseAccepts, threshold: float) -> Metrics:
    words = [word for word, score in zip(found.words, found.scores, strict=True) if score >= threshold]
    return {
        "hours": found.hours,
        "false_accepts_per_hour": found.per_hour(threshold),
        "words": {word: words.count(word) for word in sorted(set(words))},
    }


def open_model(folder: Path) -> KeywordEngine:
    """Open a model folder NAME/VERSION as the service does."""
    manifest = parse_manifest((folder / "manifest.json").read_bytes(), folder.parent.name, folder.name)
    return Onnx(LocalModel(folder, manifest), threads=1)


def main() -> None:
    """Read the command line, evaluate, print, and write metrics.json beside the model's folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a model folder, NAME/VERSION")
    parser.add_argument("prepared", type=Path)
    parser.add_argument("--speech", type=Path, action="append", default=[])
    parser.add_argument("--out", type=Path, help="where metrics.json goes")
    arguments = parser.parse_args()
    metrics = evaluate(open_model(arguments.model), read_prepared(arguments.prepared), arguments.speech)
    if arguments.out:
        arguments.out.write_text(json.dumps(metrics, indent=1) + "\n")
    sys.stdout.write(summary(metrics))


def summary(metrics: Metrics) -> str:
    """Return the figures that one looks at first."""
    test, stream = metrics["clips"]["test"], metrics["stream"]
    lines = [f"accuracy {test['accuracy']:.4f} on {test['clips']} clips of {test['speakers']} unseen speakers"]
    lines += [
        f"  {word:10} {f['recall']:.3f} recall {f['precision']:.3f} precision" for word, f in test["words"].items()
    ]
    lines += [f"noise {ratio:>3} dB  accuracy {value:.3f}" for ratio, value in metrics["noise"].items()]
    lines.append(f"threshold {stream['threshold']:.3f} keeps {stream['kept']:.3f} of the commands; false accepts:")
    lines += [
        f"  {name}: {found['false_accepts_per_hour']:.2f} an hour in {found['hours']:.2f} hours {found['words']}"
        for name, found in stream["speech"].items()
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
