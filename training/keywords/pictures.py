"""What a run looks like, as one picture: curves, confusion, detection error, calibration of scores, and features."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot

from services.keywords.features import LogMel
from services.keywords.mfcc import Mfcc
from training.keywords.data import Prepared, as_float

Axes = Any


def draw(path: Path, metrics: dict[str, Any], history: Sequence[dict[str, float]], amounts: Path) -> None:
    """Write the picture; `amounts` is the table of learning_curve.py, drawn if it is there."""
    figure, axes = pyplot.subplots(2, 2, figsize=(13, 11))
    _draw_history(axes[0, 0], history)
    _draw_confusion(axes[0, 1], metrics["clips"]["test"])
    _draw_detection(axes[1, 0], metrics["stream"])
    _draw_amounts(axes[1, 1], amounts)
    _saved(figure, path)


def draw_features(path: Path, prepared: Prepared, words: Sequence[str]) -> None:
    """Write a picture of a clip of some words, of the test where it has one: samples, log-mel, the seed's MFCCs."""
    figure, axes = pyplot.subplots(3, len(words), figsize=(3 * len(words), 7), squeeze=False)
    for column, word in enumerate(words):
        rows = np.flatnonzero(prepared.words == word)
        row = rows[np.argmax(prepared.splits[rows] == "test")]
        samples = as_float(prepared.clips[row])
        axes[0, column].plot(np.arange(len(samples)) / 16_000, samples, linewidth=0.4)
        axes[0, column].set_title(word)
        axes[1, column].imshow(LogMel().pictures(samples)[0].T, origin="lower", aspect="auto")
        resampled = np.interp(np.arange(22_050) / 22_050, np.arange(16_000) / 16_000, samples).astype(np.float32)
        axes[2, column].imshow(Mfcc().pictures(resampled)[0].T, origin="lower", aspect="auto")
    for row_number, name in enumerate(("samples", "log-mel (40 bands)", "MFCCs (13)")):
        axes[row_number, 0].set_ylabel(name)
    _saved(figure, path)


def _draw_history(axis: Axes, history: Sequence[dict[str, float]]) -> None:
    epochs = [row["epoch"] for row in history]
    axis.plot(epochs, [row["loss"] for row in history], label="loss on varied clips")
    axis.set(xlabel="epoch", ylabel="loss", title="Training")
    right = axis.twinx()
    right.plot(epochs, [row["validation_accuracy"] for row in history], color="tab:orange")
    right.set_ylabel("accuracy, validation speakers", color="tab:orange")
    axis.legend()


def _draw_confusion(axis: Axes, clips: dict[str, Any]) -> None:
    counts = np.array(clips["confusion"])
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(clips["labels"]))
    axis.set_xticks(places, clips["labels"], rotation=60)
    axis.set_yticks(places, clips["labels"])
    for row, column in zip(*np.nonzero(counts), strict=True):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axis.text(column, row, counts[row, column], ha="center", va="center", color=colour, fontsize=8)
    axis.set(xlabel="heard", ylabel="said", title=f"{clips['clips']} clips of unseen speakers")


def _draw_detection(axis: Axes, stream: dict[str, Any]) -> None:
    points = stream["points"]
    thresholds = [point["threshold"] for point in points]
    axis.plot(thresholds, [1 - point["kept"] for point in points], label="commands missed (share)")
    axis.set(xlabel="threshold", ylabel="missed", title="Detection in sound that goes on")
    axis.axvline(stream["threshold"], linestyle=":", color="grey")
    right = axis.twinx()
    for name, style in zip(stream["speech"], ("-", "--", ":", "-."), strict=False):
        right.plot(thresholds, [point[name] for point in points], style, color="tab:red", label=name)
    if stream["speech"]:
        right.legend(loc="center right")
    right.set_yscale("symlog", linthresh=0.5)
    right.set_ylabel("false accepts an hour of read speech", color="tab:red")
    axis.legend()


def _draw_amounts(axis: Axes, amounts: Path) -> None:
    axis.set(xlabel="clips to learn from", ylabel="error, unseen speakers", title="More data")
    if not amounts.exists():
        return
    with amounts.open(newline="") as file:
        rows = list(csv.DictReader(file))
    clips, errors = ([float(row[name]) for row in rows] for name in ("clips", "error"))
    axis.loglog(clips, errors, "o-", label="measured")
    slope, start = np.polyfit(np.log(clips), np.log(errors), 1)
    reach = np.geomspace(min(clips), 85_000, 50)
    axis.loglog(reach, np.exp(start) * reach**slope, ":", label="power law through it")
    axis.legend()


def _saved(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    pyplot.close(figure)
