"""Who is heard as what, as one picture: real speech, and each way of each voice."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot

from training.voices.listener.figures import Figures

_TITLES = {"acted": "Actors, each left out in turn", "real": "Another data set"}
_INCHES = 4.6


def draw(path: Path, figures: Figures) -> None:
    """Write the picture."""
    emotions = figures["emotions"]
    panels = [
        *((title, emotions, figures[name]["confusion"]) for name, title in _TITLES.items() if name in figures),
        *(
            (f"{Path(voice).name}, {way}", list(heard["heard"]), list(heard["heard"].values()))
            for voice, judged in figures.get("voices", {}).items()
            for way, heard in judged["ways"].items()
        ),
    ]
    columns = min(len(panels), 3)
    rows = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(_INCHES * columns, _INCHES * rows), squeeze=False)
    for axis, panel in zip(axes.flat, panels, strict=False):
        _draw_confusion(axis, *panel, emotions)
    for axis in axes.flat[len(panels) :]:
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(path, dpi=80)
    pyplot.close(figure)


def _draw_confusion(
    axis: Any, title: str, meant: Sequence[str], counts: Sequence[Sequence[int]], emotions: Sequence[str]
) -> None:
    table = np.array(counts)
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    axis.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    axis.set_xticks(range(len(emotions)), emotions, rotation=60, ha="right")
    axis.set_yticks(range(len(meant)), meant)
    axis.set(title=title, xlabel="heard", ylabel="meant")
    for (row, column), share in np.ndenumerate(shares):
        if share >= 0.005:
            axis.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color="w" if share > 0.5 else "k")
