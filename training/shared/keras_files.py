"""Keras's files, read as the hostile things they may be: .h5 and .keras can name code, other files, or zip bombs.

What is looked at is a copy, so that nobody changes it in between; Keras itself gets no more than the weights of it.
"""

import json
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py

from training.shared.keras_layers import UnsafeModel

_MOST_BYTES = 1 << 28
_MOST_DESCRIPTION_BYTES = 1 << 20
_MOST_OBJECTS, _MOST_DEPTH = 10_000, 16
_HDF5_START, _ZIP_START = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
_DESCRIPTION, _WEIGHTS = "config.json", "model.weights.h5"
_PARTS = frozenset({_DESCRIPTION, "metadata.json", _WEIGHTS})


@dataclass(frozen=True, slots=True)
class KerasFile:
    """A saved network."""

    description: Any
    """The JSON of its layers, not checked yet."""
    weights: Path
    """An HDF5 file that holds numbers, and reaches for nothing outside itself."""


@contextmanager
def opened(path: Path) -> Iterator[KerasFile]:
    """Yield what a .h5 or .keras file holds; its copy lasts as long as the block. Raises UnsafeModel, OSError."""
    with tempfile.TemporaryDirectory() as folder:
        copy = _copy(path, Path(folder))
        with copy.open("rb") as file:
            start = file.read(len(_HDF5_START))
        if start == _HDF5_START:
            found = KerasFile(_json(_description(copy)), copy.rename(copy.with_suffix(".h5")))
        elif start.startswith(_ZIP_START):
            found = _unpacked(copy)
        else:
            raise UnsafeModel("It is neither an .h5 nor a .keras file.")
        _require_numbers(found.weights)
        yield found


def _copy(path: Path, folder: Path) -> Path:
    if path.exists() and not path.is_file():
        raise UnsafeModel("It is no file.")
    with path.open("rb") as source, (folder / "model").open("wb") as target:
        target.write(source.read(_MOST_BYTES + 1))
        if target.tell() > _MOST_BYTES:
            raise UnsafeModel(f"It has more than {_MOST_BYTES} bytes.")
    return folder / "model"


def _unpacked(archive: Path) -> KerasFile:
    try:
        with zipfile.ZipFile(archive) as parts:
            names = parts.namelist()
            if not {_DESCRIPTION, _WEIGHTS} <= set(names) <= _PARTS or len(set(names)) < len(names):
                raise UnsafeModel(f"As a .keras file it holds {', '.join(sorted(_PARTS))}, each once, and no more.")
            weights = archive.with_name(_WEIGHTS)
            weights.write_bytes(_part(parts, _WEIGHTS, _MOST_BYTES))
            return KerasFile(_json(_part(parts, _DESCRIPTION, _MOST_DESCRIPTION_BYTES)), weights)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, RuntimeError) as error:
        raise UnsafeModel("Its archive is damaged, encrypted or of a kind that Keras does not write.") from error


def _part(parts: zipfile.ZipFile, name: str, most_bytes: int) -> bytes:
    """Return one file of the archive, read no further than it may be long, whatever the archive says."""
    with parts.open(name) as part:
        data = part.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise UnsafeModel(f"Its {name} has more than {most_bytes} bytes.")
    return data


def _description(file: Path) -> bytes:
    with _hdf5(file) as opened:
        text = opened.attrs.get("model_config")
    if not isinstance(text, str | bytes) or len(text) > _MOST_DESCRIPTION_BYTES:
        raise UnsafeModel("It holds weights, but not which layers they belong to; save the whole model.")
    return text.encode() if isinstance(text, str) else text


def _json(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnsafeModel("Its description is no JSON.") from error


def _require_numbers(weights: Path) -> None:
    """Raise UnsafeModel for links, for numbers that lie in other files, and for more of them than may be."""
    with _hdf5(weights) as opened:
        sizes = [dataset.size * dataset.dtype.itemsize for dataset in _datasets(opened, iter(range(_MOST_OBJECTS)), 0)]
    if sum(sizes) > _MOST_BYTES:
        raise UnsafeModel(f"Its weights take more than {_MOST_BYTES} bytes.")


def _datasets(group: h5py.Group, budget: Iterator[int], depth: int) -> Iterator[h5py.Dataset]:
    if depth > _MOST_DEPTH:
        raise UnsafeModel("Its groups are nested too deeply.")
    for name in group:
        if next(budget, None) is None:
            raise UnsafeModel(f"It has more than {_MOST_OBJECTS} parts.")
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise UnsafeModel("It has links, which may lead to other files.")
        found = group[name]
        if isinstance(found, h5py.Group):
            yield from _datasets(found, budget, depth + 1)
        elif isinstance(found, h5py.Dataset):
            yield _plain(found)


def _plain(dataset: h5py.Dataset) -> h5py.Dataset:
    if dataset.external or dataset.is_virtual:
        raise UnsafeModel("It has weights that lie in other files.")
    if dataset.dtype.kind not in "fiub":
        raise UnsafeModel("It has data that are no numbers.")
    return dataset


@contextmanager
def _hdf5(path: Path) -> Iterator[h5py.File]:
    try:
        with h5py.File(path, "r") as file:
            yield file
    except (OSError, RuntimeError, LookupError, ValueError, TypeError) as error:
        raise UnsafeModel("Its HDF5 data are damaged.") from error
