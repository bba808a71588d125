"""What a run looks like, as one picture: how it learned, and what its answers are worth."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot

from training.speaker.figures import Metrics
from training.speaker.targets import FEMALE, MALE

Axes = Any
_OUTPUTS = {"gender": ("gender_loss", "speech_loss", "several_loss"), "age": ("age_loss", "speech_loss", "gender_loss")}


def draw(path: Path, task: str, metrics: Metrics, history: Sequence[dict[str, float]]) -> None:
    """Write the picture."""
    judged: Metrics = next((metrics[name] for name in ("as it is", "varied") if name in metrics), {})
    figure, axes = pyplot.subplots(1, 3, figsize=(16, 5))
    _draw_history(axes[0], history, _OUTPUTS[task])
    if task == "gender":
        _draw_confusion(axes[1], judged.get("answered", {}))
        _draw_certainty(axes[2], judged.get("answered", {}))
    else:
        _draw_ages(axes[1], judged)
        _draw_errors(axes[2], judged)
    figure.tight_layout()
    figure.savefig(path, dpi=70)
    pyplot.close(figure)


def _draw_history(axis: Axes, history: Sequence[dict[str, float]], names: Sequence[str]) -> None:
    for name in names:
        if history and name in history[0]:
            axis.plot([row["epoch"] for row in history], [row[name] for row in history], label=name.replace("_", " "))
    axis.set(xlabel="epoch", ylabel="loss on varied recordings", title="Training", yscale="log")
    axis.legend()


def _draw_confusion(axis: Axes, answered: Metrics) -> None:
    counts = np.array(answered.get("confusion", [[0, 0], [0, 0]]))
    axis.imshow(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1), cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks((0, 1), (FEMALE, MALE))
    axis.set_yticks((0, 1), (FEMALE, MALE))
    for row, column in np.ndindex(counts.shape):
        colour = "white" if row == column else "black"
        axis.text(column, row, counts[row, column], ha="center", va="center", color=colour)
    axis.set(xlabel="answered", ylabel="told by the speakers", title="Recordings of unseen speakers")


def _draw_certainty(axis: Axes, answered: Metrics) -> None:
    points = answered.get("points", [])
    axis.plot((0.5, 1), (0.5, 1), ":", color="grey")
    axis.plot([sure for sure, _, _ in points], [right for _, right, _ in points], "o-")
    axis.set(xlabel="score", ylabel="how often right", title="What scores are worth (fifths of the answers)")


def _draw_ages(axis: Axes, judged: Metrics) -> None:
    points = np.array(judged.get("points", [])).reshape(-1, 2)
    axis.plot((15, 90), (15, 90), ":", color="grey")
    axis.plot(points[:, 0], points[:, 1], ".", alpha=0.5)
    axis.set(xlabel="age", ylabel="said", title="Recordings of unseen speakers")


def _draw_errors(axis: Axes, judged: Metrics) -> None:
    groups = judged.get("by_age_group", {})
    places = np.arange(len(groups))
    for shift, name in ((-0.2, "error_years"), (0.2, "constant_error_years")):
        axis.bar(places + shift, [row[name] for row in groups.values()], 0.4, label=name.replace("_", " "))
    axis.set_xticks(places, list(groups), rotation=45)
    axis.set(ylabel="mean absolute error in years", title="By age group")
    axis.legend()
