"""Copy the files of somebody's folder or archive into a folder of our own: bounded, and by safe names alone."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from shared.objects.atomic import WRITING, reported
from shared.problems import InvalidInput, TooLarge
from shared.store.catalogue import MAX_MODEL_BYTES
from shared.store.manifest import UNSAFE_SUFFIXES
from shared.store.members import Member, is_hidden
from shared.store.names import FILE_PATTERN
from shared.store.sources import opened

MOST_FILES = 10_000
_PIECE_BYTES = 1 << 20
_NAME = re.compile(FILE_PATTERN)


def unpack(source: Path, folder: Path, limit_bytes: int = MAX_MODEL_BYTES) -> Path:
    """Copy the files of a folder, zip or tar.gz below the empty `folder`; return where in it the model begins.

    A folder that holds all the others is no part of the model; hidden files are left out. Raises NotFound, TooLarge,
    StorageFull, and InvalidInput for all that has no place in a model. What was copied until then stays.
    """
    left_bytes = limit_bytes
    with opened(source) as members:
        for number, member in enumerate(members):
            if number == MOST_FILES:
                raise TooLarge(f"A model has at most {MOST_FILES} files.")
            parts = _parts(member.name)
            if not any(is_hidden(part) for part in parts):
                left_bytes -= _copy(member, folder, parts, left_bytes)
    within = list(folder.iterdir())
    return within[0] if len(within) == 1 and within[0].is_dir() else folder


def _parts(name: str) -> list[str]:
    """Return the names of the folders and of the file itself."""
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if name.startswith("/") or "\\" in name or ".." in parts:
        raise InvalidInput(f"{name[:80]!a} leads out of the folder that it is to be unpacked in.")
    return parts


def _copy(member: Member, folder: Path, parts: list[str], limit_bytes: int) -> int:
    """Copy one file; return how many bytes it has."""
    # The first part may be the folder that holds all.
    if not _NAME.fullmatch("/".join(parts[1:] or parts)) or not _NAME.fullmatch(parts[0]):
        raise InvalidInput(
            f"{member.name[:80]!a}: a file's name has letters, digits, '.', '_' and '-', and it lies three folders "
            "deep at most."
        )
    if PurePosixPath(parts[-1]).suffix.lower() in UNSAFE_SUFFIXES:
        raise InvalidInput(f"{member.name[:80]!a} is of a kind that runs code when it is opened; convert it first.")
    size_bytes = 0
    with reported(WRITING), _new_file(folder.joinpath(*parts), member.name) as stream:
        for piece in _bounded(member, limit_bytes):
            size_bytes += stream.write(piece)
    return size_bytes


def _new_file(path: Path, name: str) -> BinaryIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise InvalidInput(f"{name[:80]!a} stands there twice.") from error


def _bounded(member: Member, limit_bytes: int) -> Iterator[bytes]:
    # What it says is looked at first: no time goes by for what is too large. Then it is counted, as it may be a lie.
    _refuse_beyond(limit_bytes, member.size_bytes)
    received_bytes = 0
    for piece in member.pieces(_PIECE_BYTES):
        received_bytes += len(piece)
        _refuse_beyond(limit_bytes, received_bytes)
        yield piece


def _refuse_beyond(limit_bytes: int, size_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise TooLarge("There is more in it than a model may have.")
