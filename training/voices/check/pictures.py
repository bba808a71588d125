"""Plots of a report, as PNGs in memory."""

import io
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot

from training.voices.check.report import Report

Axes = Any
_COLOURS = {
    "neutral": "#607080",
    "angry": "#c03028",
    "happy": "#e0a020",
    "sad": "#3060b0",
    "fearful": "#704090",
    "disgusted": "#508030",
    "surprised": "#e07030",
    "calm": "#40a0a0",
    "excited": "#d050a0",
}
_BINS = 40


def picture(report: Report) -> bytes:
    """Return one PNG with all plots of the recordings that can be heard."""
    figure, axes = pyplot.subplots(2, 3, figsize=(15, 8), layout="constrained")
    try:
        _draw_amounts(axes[0, 0], report)
        _draw_texts(axes[0, 1], report)
        figures = report.figures()
        _draw_spread(axes[0, 2], figures, "seconds", "seconds")
        _draw_levels(axes[1, 0], figures)
        _draw_silence(axes[1, 1], figures)
        _draw_spread(axes[1, 2], figures, "letters_a_second", "letters a second of speech")
        file = io.BytesIO()
        figure.savefig(file, format="png", dpi=80)
        return file.getvalue()
    finally:
        pyplot.close(figure)


def _draw_amounts(axis: Axes, report: Report) -> None:
    minutes: dict[str, float] = {}
    for group in report.groups():
        minutes[group["emotion"]] = minutes.get(group["emotion"], 0) + group["hours"] * 60
    axis.barh(list(minutes), list(minutes.values()), color=[_COLOURS[emotion] for emotion in minutes])
    axis.invert_yaxis()
    axis.set(title="How much there is", xlabel="minutes")


def _draw_texts(axis: Axes, report: Report) -> None:
    for emotion, colour in _COLOURS.items():
        some = [one for one in report.usable if one.recording.emotion == emotion]
        if some:
            lengths = [one.sound.seconds for one in some if one.sound]
            axis.scatter([one.text.characters for one in some], lengths, s=8, alpha=0.6, color=colour, label=emotion)
    if axis.get_legend_handles_labels()[0]:
        axis.legend(fontsize="small")
    axis.set(title="Length against text", xlabel="letters spoken", ylabel="seconds")


def _draw_spread(axis: Axes, figures: dict[str, list[float]], name: str, label: str) -> None:
    axis.hist(figures[name], bins=_BINS, color="#607080")
    axis.set(title=label.capitalize(), xlabel=label, ylabel="recordings")


def _draw_levels(axis: Axes, figures: dict[str, list[float]]) -> None:
    axis.hist(figures["noise_db"], bins=_BINS, color="#c03028", alpha=0.7, label="noise")
    axis.hist(figures["level_db"], bins=_BINS, color="#3060b0", alpha=0.7, label="speech")
    axis.legend(fontsize="small")
    axis.set(title="Speech and noise", xlabel="dB of full scale", ylabel="recordings")


def _draw_silence(axis: Axes, figures: dict[str, list[float]]) -> None:
    both = [figures["leading_seconds"], figures["trailing_seconds"]]
    axis.hist(both, bins=_BINS, color=["#e0a020", "#704090"], label=["before", "behind"])
    axis.legend(fontsize="small")
    axis.set(title="Silence around speech", xlabel="seconds", ylabel="recordings")
