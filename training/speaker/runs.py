"""A run of training: its folder, and its settings."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from training.keywords.splits import SPLITS, Split, split_of
from training.speaker.batches import Material, Mixture
from training.speaker.pieces import MADE, SEVERAL, VOICE
from training.speaker.prepared import Prepared, Rows, read_prepared

MODEL, WEIGHTS, SETTINGS = "model.keras", "model.weights.h5", "settings.json"
"""HDF5 holds weights alone: Keras cannot read the operations of such a network from it."""
Task = Literal["gender", "age"]


@dataclass(frozen=True)
class Settings:
    """What one run is made of; written beside its weights."""

    seed: int = 1
    task: str = "gender"
    epochs: int = 24
    steps: int = 200
    """Batches of an epoch."""
    data_sets: tuple[str, ...] = ()
    """Those to learn from; empty: all. The others are for judging alone."""
    rate: float = 3e-3
    weight_decay: float = 0.02
    smoothing: float = 0.04
    width: int = 64
    everyone: bool = False
    """Learn from the speakers of validation and test, too: for a model to ship once its recipe has been judged."""
    leaky: bool = False
    """Split by clip and not by speaker: only to show what such a split pretends."""
    mixture: Mixture = field(default_factory=Mixture)


@dataclass(frozen=True)
class Run:
    """A run's folder."""

    folder: Path
    settings: Settings
    prepared: Prepared

    def voices(self, split: Split) -> Rows:
        """Return the recordings of a split, in all versions; data sets that are not learned from are all test."""
        rows = self.prepared.rows(VOICE)
        chosen: Rows = rows[self._sides(rows) == split]
        return chosen

    def material(self) -> Material:
        """Return what this run learns from. Raises ValueError where there is nothing."""
        voices = self.learned()
        if not len(voices):
            raise ValueError("there is no recording to learn from")
        extra = {kind: self._of_splits(kind) for kind in (MADE, SEVERAL)}
        return Material(self.prepared, voices, extra)

    def _of_splits(self, kind: str) -> Rows:
        """Return the pieces of a kind to learn from; sounds of nobody are of no data set."""
        rows = np.concatenate([self.prepared.rows(kind, split) for split in self._splits])
        return rows if kind == MADE else rows[self._is_learned(rows)]

    def learned(self) -> Rows:
        """Return the recordings to learn from, in all versions."""
        voices = np.concatenate([self.voices(split) for split in self._splits])
        return np.sort(voices[self._is_learned(voices)])

    @property
    def _splits(self) -> tuple[Split, ...]:
        return SPLITS if self.settings.everyone else ("train",)

    def _sides(self, rows: Rows) -> np.typing.NDArray[np.str_]:
        words = self.prepared.words
        own = words["split"][rows]
        if self.settings.leaky:
            own = np.array([split_of(path) for path in words["path"][rows]])
        return np.where(self._is_learned(rows), own, "test")

    def _is_learned(self, rows: Rows) -> np.typing.NDArray[np.bool_]:
        chosen = self.settings.data_sets
        return np.isin(self.prepared.words["data_set"][rows], chosen) if chosen else np.ones(len(rows), bool)


def open_run(folder: Path, prepared: Path, settings: Settings) -> Run:
    """Return the run in a folder, with the settings it was begun with if there are any."""
    if not (folder / SETTINGS).exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS).write_text(json.dumps(asdict(settings), indent=2) + "\n")
    return find_run(folder, prepared)


def find_run(folder: Path, prepared: Path) -> Run:
    """Return the run in a folder. Raises OSError where there is none."""
    written = json.loads((folder / SETTINGS).read_text())
    parts = {"mixture": Mixture(**written["mixture"]), "data_sets": tuple(written["data_sets"])}
    return Run(folder, Settings(**(written | parts)), read_prepared(prepared))
