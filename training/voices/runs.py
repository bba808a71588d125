"""The folder of a training, whatever the network: the settings it was begun with, and how far it is."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch

from shared.objects.folder import FolderObjects

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

AnySettings = TypeVar("AnySettings", bound="DataclassInstance")
SETTINGS, STATE, BEST = "settings.json", "state.pt", "best.pt"


def read_settings(folder: Path, wanted: AnySettings) -> AnySettings:
    """Return the settings that a run was begun with, or write down those that are wanted."""
    path = folder / SETTINGS
    if path.exists():
        return type(wanted)(**json.loads(path.read_text()))
    FolderObjects(folder).put(SETTINGS, json.dumps(asdict(wanted), indent=2).encode() + b"\n")
    return wanted


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
