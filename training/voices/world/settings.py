"""What a training is made of, and how far it is."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

AnySettings = TypeVar("AnySettings", bound="DataclassInstance")
SETTINGS, STATE, BEST, HISTORY = "settings.json", "state.pt", "best.pt", "history.jsonl"


@dataclass(frozen=True)
class Settings:
    """Written into the run's folder; a run that goes on keeps those it was begun with."""

    seed: int = 1
    epochs: int = 20
    batch: int = 16
    rate: float = 1e-3
    width: int = 192
    """Channels of a symbol; a frame has a third more."""
    symbol_blocks: int = 4
    frame_blocks: int = 6
    dropout: float = 0.1
    threads: int = 1
    """More gain little: the layers are small."""


def read_settings(folder: Path, wanted: AnySettings) -> AnySettings:
    """Return the settings that a run was begun with, or write down those that are wanted."""
    path = folder / SETTINGS
    if path.exists():
        return type(wanted)(**json.loads(path.read_text()))
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(wanted), indent=2) + "\n")
    return wanted


def note(folder: Path, row: dict[str, float]) -> None:
    """Write down what an epoch gave, in place of what a run noted of it that was killed then."""
    rows = [*read_history(folder, row["epoch"] - 1), row]
    unfinished = folder / f"unfinished.{HISTORY}"
    unfinished.write_text("".join(json.dumps(each) + "\n" for each in rows))
    unfinished.replace(folder / HISTORY)


def read_history(folder: Path, epochs: float = float("inf")) -> list[dict[str, float]]:
    """Return what the epochs gave, up to one."""
    path = folder / HISTORY
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return [row for row in rows if row["epoch"] <= epochs]


def save(state: dict[str, Any], path: Path) -> None:
    """Write tensors and numbers, whole or not at all, even if the machine loses its power."""
    unfinished = path.with_name(f"unfinished.{path.name}")
    with unfinished.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load(path: Path) -> dict[str, Any]:
    """Read what `save` wrote; nothing in it can be code."""
    return dict(torch.load(path, weights_only=True, map_location="cpu"))
