"""Every figure of a model folder, from the graph that is served: `python -m training.keywords.evaluate MODEL PREPARED`.

Clips are those of the test speakers; calibration and the threshold for clips come from the validation speakers, the
threshold for streams from both. `--speech FOLDER` names more speech without commands to listen to, which is only
measured.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from services.keywords.engine import KeywordEngine
from services.keywords.engines.onnx import Onnx
from shared.store import LocalModel
from shared.store.manifest import parse_manifest
from training.keywords.clip_figures import Metrics, clip_figures, noisy_accuracy
from training.keywords.clips import SAMPLE_RATE_HZ
from training.keywords.data import Classes, Prepared, as_float, read_prepared
from training.keywords.splits import Split
from training.keywords.streams import (
    MARGIN_SECONDS,
    FalseAccepts,
    command_scores,
    false_accepts,
    operating_points,
    speech_of,
    threshold_that_keeps,
)
from training.shared.sounds import Samples, loudness

KEPT_SHARE = 0.9
"""Of the commands of all speakers not learned from, the threshold for streams keeps this share."""
LEAST_THRESHOLD = 0.5
"""Where a word is as likely as all else; below it a weak model would hear words everywhere."""
_FAINT = 0.003
"""Loudness of the noise about a command: 50 dB below full scale."""
NOISE_DECIBELS = (20, 10, 5, 0, -5)


def evaluate(engine: KeywordEngine, prepared: Prepared, speech: Sequence[Path]) -> Metrics:
    """Return all figures as JSON values."""
    classes = Classes((), tuple(engine.labels[:-2]))
    unseen: tuple[Split, ...] = ("validation", "test")
    parts = [command_scores(engine, _commands(prepared, classes, one), _quiet(prepared, one)) for one in unseen]
    commands = np.concatenate(parts)
    threshold = max(LEAST_THRESHOLD, threshold_that_keeps(KEPT_SHARE, commands))
    heard = {"unseen speakers": false_accepts(engine, _transcribed(prepared))}
    heard |= {
        folder.name: false_accepts(engine, speech_of(folder, engine.features.sample_rate_hz)) for folder in speech
    }
    heard = {name: found for name, found in heard.items() if found.hours}
    return {
        "clips": {split: clip_figures(engine, prepared, classes, split) for split in ("validation", "test")},
        "noise": {str(decibels): noisy_accuracy(engine, prepared, classes, decibels) for decibels in NOISE_DECIBELS},
        "stream": {
            "threshold": threshold,
            "kept": float(np.mean(commands >= threshold)),
            "speech": {name: _heard_figures(found, threshold) for name, found in heard.items()},
            "all": _heard_figures(_together(heard.values()), threshold),
            "points": operating_points(commands, heard),
        },
    }


def _commands(prepared: Prepared, classes: Classes, split: Split) -> Iterator[tuple[Samples, str]]:
    for row in prepared.rows(split):
        if prepared.words[row] in classes.keywords:
            yield as_float(prepared.clips[row]), str(prepared.words[row])


def _quiet(prepared: Prepared, split: Split) -> Iterator[Samples]:
    """Yield faint noise of one split, for ever."""
    noise = prepared.segments("noise", split)
    rng = np.random.default_rng(0)
    while True:
        samples = noise.random(round(MARGIN_SECONDS * SAMPLE_RATE_HZ), rng)
        yield samples * np.float32(_FAINT / loudness(samples))


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
