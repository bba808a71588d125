"""Pictures of how much there is of whom."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot

from training.speaker.data.clip import AGE_GROUPS, GENDERS, SPLITS
from training.speaker.data.counts import Count, Group, together

Axes = Any
Counts = dict[Group, Count]
_MEASURES: dict[str, Callable[[Count], float]] = {
    "hours": lambda count: count.hours,
    "clips": lambda count: count.clips,
    "speakers": lambda count: len(count.people),
}


def draw(folder: Path, counts: Counts) -> list[Path]:
    """Write hours.png, clips.png and speakers.png: bars for the genders, and for the age groups of each gender.

    Returns their paths; the folder is made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [_drawn(folder / f"{name}.png", name, measure, counts) for name, measure in _MEASURES.items()]


def _drawn(path: Path, name: str, measure: Callable[[Count], float], counts: Counts) -> Path:
    genders = [gender for gender in GENDERS if any(group.gender == gender for group in counts)]
    figure, axes = pyplot.subplots(
        1, len(genders) + 1, figsize=(3.6 * (len(genders) + 1), 4.2), squeeze=False, layout="constrained"
    )
    _draw_bars(axes[0, 0], genders, measure, [_some(counts, gender=gender) for gender in genders])
    axes[0, 0].set(title="all ages", ylabel=name)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(SPLITS))
    for axis, gender in zip(axes[0, 1:], genders, strict=True):
        axis.sharey(axes[0, 1])
        _draw_bars(axis, AGE_GROUPS, measure, [_some(counts, gender=gender, age_group=age) for age in AGE_GROUPS])
        axis.set(title=gender)
    figure.suptitle(f"{name.capitalize()} per group and split")
    figure.savefig(path, dpi=90)
    pyplot.close(figure)
    return path


def _draw_bars(axis: Axes, names: Sequence[str], measure: Callable[[Count], float], groups: Sequence[Counts]) -> None:
    """Draw a bar for each name, of one piece a split."""
    below = [0.0] * len(names)
    for split in SPLITS:
        heights = [measure(together(_some(counts, split=split).values())) for counts in groups]
        bars = axis.bar(names, heights, bottom=below, label=split)
        below = [bottom + height for bottom, height in zip(below, heights, strict=True)]
    axis.bar_label(bars, [_short(height) for height in below], fontsize=7)
    axis.set_xticks(range(len(names)), names, rotation=50, ha="right", rotation_mode="anchor")


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.2g}"


def _some(counts: Counts, **names: str) -> Counts:
    wanted = names.items()
    return {group: count for group, count in counts.items() if wanted <= group._asdict().items()}
