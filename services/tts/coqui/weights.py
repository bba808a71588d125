"""Weights, and names of speakers, from files in which nothing else is read."""

import json
import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode

from shared.problems import InvalidInput

_WEIGHTS: Final = ("model.pth", "model_file.pth", "best_model.pth", "model_file.pth.tar")
_SPEAKERS: Final = ("emb_g.weight", "speaker_embedding.weight")
_NAMES_OF_SPEAKERS: Final = ("speakers.json", "speaker_ids.json", "speakers.pth")
_TRAINING_ONLY: Final = ("disc.", "speaker_encoder.")
_FILLED: Final = (torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn)
_DAMAGED: Final = (pickle.UnpicklingError, RuntimeError, ValueError, TypeError, OSError, EOFError, KeyError)

Weights = dict[str, torch.Tensor]


class WithoutMemory(TorchFunctionMode):
    """Makes weights that have a shape alone, so a configuration cannot ask for more memory than its file's weights."""

    def __torch_function__(self, made: Any, _: Any, given: Any = (), named: Any = None) -> Any:
        elsewhere = {"device": "meta"} if made in _FILLED else {}
        return made(*given, **{**(named or {}), **elsewhere})


def weights_in(folder: Path) -> Weights:
    """Return the weights of the only network in a folder, without what only training needs. Raises InvalidInput."""
    loaded = _loaded(_file_of_weights(folder))
    weights = loaded.get("model", loaded) if isinstance(loaded, dict) else None
    if not isinstance(weights, dict) or not all(isinstance(value, torch.Tensor) for value in weights.values()):
        raise InvalidInput("Its file of weights holds no network.")
    return {name: value for name, value in weights.items() if not str(name).startswith(_TRAINING_ONLY)}


def speakers_in(folder: Path, told: list[str], weights: Mapping[str, torch.Tensor]) -> list[str]:
    """Return the speakers' names in the order of their indexes: those `told`, or of a file; else numbers.

    None for a network that has only one. Raises InvalidInput.
    """
    count = next((len(weights[name]) for name in _SPEAKERS if name in weights), 0)
    names = told or _named(folder, count)
    return [str(name) for name in names] if len(names) == count else [str(index) for index in range(count)]


def _file_of_weights(folder: Path) -> Path:
    known = [folder / name for name in _WEIGHTS if (folder / name).is_file()]
    found = known or [path for path in folder.glob("*.pth") if path.name not in _NAMES_OF_SPEAKERS]
    if len(found) != 1 and not known:
        raise InvalidInput(f"There are {len(found)} files of weights; leave one there, named {_WEIGHTS[0]}.")
    return found[0]


def _loaded(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what it refuses anyway
            return torch.load(path, weights_only=True, map_location="cpu")
    except _DAMAGED as error:
        raise InvalidInput("Its file of weights is damaged, or holds more than weights, which may be code.") from error


def _named(folder: Path, count: int) -> list[str]:
    for name in _NAMES_OF_SPEAKERS:
        if count and (folder / name).is_file():
            indexes = _read_names(folder / name)
            if sorted(indexes.values()) == list(range(count)):
                return sorted(indexes, key=lambda each: indexes[each])
    return []


def _read_names(path: Path) -> dict[str, int]:
    try:
        told = torch.load(path, weights_only=True) if path.suffix == ".pth" else json.loads(path.read_bytes())
    except _DAMAGED as error:
        raise InvalidInput(f"{path.name} cannot be read.") from error
    rows = told.items() if isinstance(told, dict) else ()
    return {str(name): index for name, index in rows if isinstance(index, int)}
