"""Pictures of a card: spectrograms and F0 of recordings and voice, what emotions change, and how it learned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot

from shared.audio.sound import Samples
from training.voices.evaluate.analysis import FRAME_SECONDS, RATE_HZ, analysed
from training.voices.evaluate.figures import Change, EmotionFigures

Axes = Any
_DPI = 72
_RANGE_DB = 70
_SENTENCES = 3
_TITLE_CHARACTERS = 44
_COLUMNS = 4
_MEASURES = {
    "f0_semitones": "F0, semitones",
    "f0_range_semitones": "range of F0, semitones",
    "level_db": "level, dB",
    "rate_ratio": "rate, ratio to neutral",
    "tilt_db": "brightness, dB",
}
_TIMES = frozenset({"epoch", "step", "steps", "seconds", "time", "rate", "learning_rate", "lr"})
"""Numbers of a history that are no measure of what was learned."""
_SIDES = ("training_", "train_", "evaluation_", "eval_")


@dataclass(frozen=True, slots=True)
class Pair:
    """The recording of a sentence and the voice saying it, both of shape (n,) at `RATE_HZ`."""

    title: str
    real: Samples
    spoken: Samples


def draw_spectrograms(path: Path, pairs: Sequence[Pair]) -> None:
    """Draw the recording of each sentence above the voice."""
    shown = pairs[:_SENTENCES]
    figure, axes = pyplot.subplots(2, len(shown), figsize=(6 * len(shown), 6), squeeze=False)
    for column, pair in enumerate(shown):
        for row, (name, samples) in enumerate((("recording", pair.real), ("voice", pair.spoken))):
            _draw_spectrogram(axes[row, column], samples)
            axes[row, column].set(title=f"{name}: {_cut(pair.title)}", xlabel="seconds", ylabel="Hz")
    _save(figure, path)


def _draw_spectrogram(axis: Axes, samples: Samples) -> None:
    powers, _, _, image = axis.specgram(samples + 1e-7, NFFT=512, Fs=RATE_HZ, noverlap=384, cmap="magma")
    top_db = 10 * np.log10(powers.max())
    image.set_clim(top_db - _RANGE_DB, top_db)


def draw_f0(path: Path, pairs: Sequence[Pair]) -> None:
    """Draw both curves of each sentence in one field, from the first sound on."""
    shown = pairs[:_SENTENCES]
    figure, axes = pyplot.subplots(1, len(shown), figsize=(6 * len(shown), 3.5), squeeze=False)
    for axis, pair in zip(axes[0], shown, strict=True):
        for name, samples in (("recording", pair.real), ("voice", pair.spoken)):
            f0_hz = analysed(samples).f0_hz
            axis.plot(np.arange(len(f0_hz)) * FRAME_SECONDS, np.where(f0_hz > 0, f0_hz, np.nan), label=name)
        axis.set(title=_cut(pair.title), xlabel="seconds", ylabel="F0, Hz")
        axis.legend()
    _save(figure, path)


def draw_emotions(path: Path, emotions: Mapping[str, EmotionFigures]) -> None:
    """Draw a field for each measure: the change in the recordings beside that in the voice."""
    figure, axes = pyplot.subplots(1, len(_MEASURES), figsize=(4 * len(_MEASURES), 4))
    places = np.arange(len(emotions))
    for axis, (measure, title) in zip(axes, _MEASURES.items(), strict=True):
        usual = 1.0 if measure == "rate_ratio" else 0.0
        for shift, name, changes in (
            (-0.2, "recordings", [each.recordings for each in emotions.values()]),
            (0.2, "voice", [each.voice for each in emotions.values()]),
        ):
            axis.bar(places + shift, [_value(each, measure) - usual for each in changes], 0.4, bottom=usual, label=name)
        axis.axhline(usual, color="grey", linewidth=0.8)
        axis.set_xticks(places, list(emotions), rotation=45, ha="right")
        axis.set(title=title)
    axes[0].legend()
    _save(figure, path)


def _value(change: Change, measure: str) -> float:
    return float(getattr(change, measure))


def draw_training(path: Path, history: Sequence[Mapping[str, float]]) -> None:
    """Draw each number of the epochs' rows; that of what is learned from beside that of what is held out."""
    names = [name for name in dict.fromkeys(key for row in history for key in row) if name not in _TIMES]
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_measure(name), []).append(name)
    columns = min(len(groups), _COLUMNS)
    rows = -(-len(groups) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4.5 * columns, 3 * rows), squeeze=False)
    for axis in axes.flat[len(groups) :]:
        axis.set_visible(False)
    for axis, (title, members) in zip(axes.flat, groups.items(), strict=False):
        for name in members:
            told = [row for row in history if name in row]
            axis.plot([row["epoch"] for row in told], [row[name] for row in told], label=name.replace("_", " "))
        axis.set(title=title, xlabel="epoch")
        axis.xaxis.get_major_locator().set_params(integer=True)
        axis.legend(fontsize="small")
    _save(figure, path)


def _measure(name: str) -> str:
    side = next((side for side in _SIDES if name.startswith(side)), "")
    return name.removeprefix(side)


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_CHARACTERS else f"{title[: _TITLE_CHARACTERS - 2].rstrip()} …"


def _save(figure: Any, path: Path) -> None:
    figure.tight_layout()
    figure.savefig(path, dpi=_DPI)
    pyplot.close(figure)
