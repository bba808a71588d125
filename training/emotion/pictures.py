"""Draw the curves and tables of a run as one picture: `python -m training.emotion.pictures RUN DATA OUT`."""

import argparse
import json
from itertools import pairwise
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import pyplot
from matplotlib.axes import Axes
from sklearn.metrics import confusion_matrix

from training.emotion.calibrate import Numbers
from training.emotion.data import EKMAN, Matrix, read_goemotions
from training.emotion.evaluate import decision, probabilities
from training.emotion.predict import load_logits

WINDOW_POINTS = 8
BINS = 10


def draw_learning(axes: Axes, steps_file: Path) -> None:
    """Draw the training loss over steps, smoothed, with a line where each epoch begins."""
    records = [json.loads(line) for line in steps_file.read_text().splitlines()]
    steps, losses = [record["step"] for record in records], [record["loss"] for record in records]
    window = np.ones(WINDOW_POINTS) / WINDOW_POINTS
    axes.plot(steps, losses, alpha=0.3, label="mean of 50 steps")
    axes.plot(steps[WINDOW_POINTS - 1 :], np.convolve(losses, window, "valid"), label="smoothed")
    starts = [now["step"] for last, now in pairwise(records) if now["epoch"] != last["epoch"]]
    for start in starts:
        axes.axvline(start, color="grey", linewidth=0.6)
    axes.set(xlabel="step", ylabel="training loss", title="Learning curve")
    axes.legend()


def draw_confusion(axes: Axes, scores: Numbers, targets: Matrix) -> None:
    """Draw which emotion is said (columns) for rows that carry one emotion (rows), as shares of the row."""
    single = targets.sum(axis=1) == 1
    shares = confusion_matrix(targets[single].argmax(axis=1), scores[single].argmax(axis=1), normalize="true")
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for row, column in np.ndindex(shares.shape):
        colour = "white" if shares[row, column] > 0.5 else "black"
        axes.text(column, row, f"{shares[row, column]:.2f}", ha="center", va="center", color=colour, fontsize=8)
    axes.set_xticks(range(len(EKMAN)), EKMAN, rotation=45, ha="right")
    axes.set_yticks(range(len(EKMAN)), EKMAN)
    axes.set(xlabel="said", ylabel="true", title="Top emotion, GoEmotions test")


def draw_labels(axes: Axes, figures: dict[str, dict[str, float]]) -> None:
    """Draw F1 of every label, best first."""
    names = sorted(figures, key=lambda name: figures[name]["f1"])
    axes.barh(names, [figures[name]["f1"] for name in names])
    axes.tick_params(axis="y", labelsize=7)
    axes.set(xlabel="F1", title="28 labels, GoEmotions test", xlim=(0, 1))


def draw_reliability(axes: Axes, said: Numbers, targets: Matrix) -> None:
    """Draw how often a label is true against the probability that was given."""
    places = np.minimum((said.ravel() * BINS).astype(int), BINS - 1)
    count = np.maximum(1, np.bincount(places, minlength=BINS))
    mean_said = np.bincount(places, weights=said.ravel(), minlength=BINS) / count
    mean_true = np.bincount(places, weights=targets.ravel(), minlength=BINS) / count
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.6)
    axes.plot(mean_said, mean_true, marker="o")
    axes.set(xlabel="probability said", ylabel="share true", title="Reliability, Ekman labels")


def main() -> None:
    """Read the command line and write one PNG of four pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="evaluated run")
    parser.add_argument("data", type=Path, help="folder that holds goemotions/")
    parser.add_argument("out", type=Path, help="folder for emotion.png")
    arguments = parser.parse_args()
    matplotlib.use("Agg")
    folder = arguments.run / "int8"
    parameters = json.loads((folder / "calibration.json").read_text())
    metrics = json.loads((folder / "metrics.json").read_text())
    logits = load_logits(folder)["test"]["ekman"]
    targets = read_goemotions(arguments.data / "goemotions", "test").targets["ekman"]
    figure, axes = pyplot.subplots(2, 2, figsize=(11, 9), layout="constrained")
    draw_learning(axes[0, 0], arguments.run / "steps.jsonl")
    draw_confusion(axes[0, 1], decision("ekman", parameters).scores(logits), targets)
    draw_labels(axes[1, 0], metrics["label_sets"]["goemotions"]["labels"])
    draw_reliability(axes[1, 1], probabilities("ekman", logits, parameters), targets)
    figure.savefig(arguments.out / "emotion.png", dpi=80)


if __name__ == "__main__":
    main()
