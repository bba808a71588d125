"""Files of strangers, in a folder or an archive: nothing is believed of them."""

import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, TypeVar

from shared.problems import InvalidInput

T = TypeVar("T")

_FAULTS = (tarfile.TarError, zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, ValueError,
           LookupError, ArithmeticError, RuntimeError)  # fmt: skip
"""What Python's readers raise for what is cut off, malformed or encrypted."""


@dataclass(frozen=True)
class Member:
    """One file, by its name as it stands there."""

    name: str
    size_bytes: int
    """As it is said; there may be more."""
    open: Callable[[], IO[bytes]]

    def pieces(self, piece_bytes: int) -> Iterator[bytes]:
        """Yield what is in it; raises InvalidInput where it is malformed."""
        return sound(self._pieces(piece_bytes))

    def _pieces(self, piece_bytes: int) -> Iterator[bytes]:
        with self.open() as stream:
            yield from iter(partial(stream.read, piece_bytes), b"")


def sound(pieces: Iterator[T]) -> Iterator[T]:
    """Pass on what is read; raise InvalidInput for what the readers stumble over."""
    try:
        yield from pieces
    except _FAULTS as error:
        raise InvalidInput("It cannot be read: it is cut off, malformed, locked, or no zip and no tar.gz.") from error


def refuse_unless(is_file: bool, name: str) -> None:
    """Raise InvalidInput for what is no plain file."""
    if not is_file:
        raise InvalidInput(f"{name[:80]!a} is a link, a device or the like; a model is made of files alone.")


def is_hidden(part: str) -> bool:
    """Tell whether a file or folder of this name is the housekeeping of git, a file manager or a downloader."""
    return part.startswith(".") or part == "__MACOSX"
