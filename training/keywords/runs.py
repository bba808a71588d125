"""A run of training: its folder, its settings, and what it has come to."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.keywords.features import LogMel
from training.keywords.augment import Variation
from training.keywords.batches import Mixture
from training.keywords.data import Classes, Prepared, find_classes, read_prepared

MODEL, SETTINGS = "model.keras", "settings.json"


@dataclass(frozen=True)
class Settings:
    """What one run is made of; written beside its weights."""

    seed: int = 1
    model: str = "resnet"
    epochs: int = 300
    keywords: tuple[str, ...] = ()
    """Empty: the ten commands of Speech Commands where there are all of them, else every word."""
    rate: float = 4e-3
    weight_decay: float = 0.03
    smoothing: float = 0.05
    share: float = 1.0
    """Share of the speakers to learn from, for the learning curve."""
    everyone: bool = False
    """Learn from the speakers of validation and test, too: for a model to ship once its recipe has been judged."""
    teachers: tuple[str, ...] = ()
    """Folders of trained runs whose mean opinion of the same varied pictures is learned beside the labels."""
    taught_share: float = 0.8
    """Weight of the teachers' opinion; the rest is the labels'."""
    mixture: Mixture = field(default_factory=Mixture)
    variation: Variation = field(default_factory=Variation)


@dataclass(frozen=True)
class Run:
    """A run's folder."""

    folder: Path
    settings: Settings
    prepared: Prepared
    classes: Classes
    features: LogMel = field(default_factory=LogMel)


def open_run(folder: Path, prepared: Path, settings: Settings) -> Run:
    """Return the run in a folder, with the settings it was begun with if there are any."""
    if not (folder / SETTINGS).exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SETTINGS).write_text(json.dumps(asdict(settings), indent=2) + "\n")
    return find_run(folder, prepared)


def find_run(folder: Path, prepared: Path) -> Run:
    """Return the run in a folder. Raises OSError where there is none."""
    settings = _read_settings(folder)
    data = read_prepared(prepared)
    return Run(folder, settings, data, find_classes(data, settings.keywords))


def _read_settings(folder: Path) -> Settings:
    written = json.loads((folder / SETTINGS).read_text())
    parts = {"mixture": Mixture(**written.pop("mixture")), "variation": Variation(**written.pop("variation"))}
    lists = {name: tuple(written.get(name, ())) for name in ("keywords", "teachers")}
    return Settings(**(written | parts | lists))


def learning_rows(run: Run) -> NDArray[np.int64]:
    """Return the numbers of the clips to learn from: those of the chosen share of speakers."""
    rows = np.arange(len(run.prepared.words)) if run.settings.everyone else run.prepared.rows("train")
    speakers = sorted(set(run.prepared.speakers[rows].tolist()))
    chosen = np.random.default_rng(run.settings.seed).permutation(speakers)
    kept = chosen[: max(1, round(len(speakers) * run.settings.share))]
    return np.asarray(rows[np.isin(run.prepared.speakers[rows], kept)])
