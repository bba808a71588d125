"""What lies in a folder or an archive of somebody's, one file after the other; nothing is believed of it."""

import gzip
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, TypeVar, cast

from shared.problems import InvalidInput, NotFound

T = TypeVar("T")

_MOST_HEADER_BYTES = 1 << 20
"""Of a zip's directory, and of what a tar says before each file: Python's readers take both into memory."""
_TAR_END = bytes(tarfile.BLOCKSIZE)
_GZIP_START = b"\x1f\x8b"
_FAULTS = (tarfile.TarError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile, EOFError, ValueError, RuntimeError)
"""What Python's readers raise for what is cut off, malformed, encrypted, or packed in a way that they do not know."""


@dataclass(frozen=True)
class Member:
    """One file, by its name as it stands there."""

    name: str
    size_bytes: int
    """As it is said; there may be more."""
    open: Callable[[], IO[bytes]]

    def pieces(self, piece_bytes: int) -> Iterator[bytes]:
        """Yield what is in it; raises InvalidInput where it is malformed."""
        return _sound(self._pieces(piece_bytes))

    def _pieces(self, piece_bytes: int) -> Iterator[bytes]:
        with self.open() as stream:
            yield from iter(partial(stream.read, piece_bytes), b"")


@contextmanager
def opened(source: Path) -> Iterator[Iterator[Member]]:
    """Open a folder, a zip or a tar.gz, told apart by what they are and not by their names.

    Raises NotFound; and, while one goes through it, InvalidInput for what is malformed, for links, devices and pipes.
    """
    if source.is_dir():
        yield _of_folder(source)
        return
    try:
        stream = source.open("rb")
    except OSError as error:
        raise NotFound("There is no such folder or archive, or it may not be read.") from error
    with stream:
        is_gzip = stream.read(2) == _GZIP_START
        stream.seek(0)
        yield _sound(_of_tar(stream) if is_gzip else _of_zip(stream))


def is_hidden(part: str) -> bool:
    """Tell whether a file or folder of this name is the housekeeping of git, a file manager or a downloader."""
    return part.startswith(".") or part == "__MACOSX"


def _of_folder(root: Path) -> Iterator[Member]:
    for place, folders, files in os.walk(root):
        folders[:] = sorted(folder for folder in folders if not is_hidden(folder))
        for name in sorted([*files, *(folder for folder in folders if Path(place, folder).is_symlink())]):
            path = Path(place, name)
            status = path.lstat()
            _refuse_unless(stat.S_ISREG(status.st_mode), name)
            yield Member(path.relative_to(root).as_posix(), status.st_size, partial(_open, path))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")


def _of_zip(stream: IO[bytes]) -> Iterator[Member]:
    rationed = _Rationed(stream)
    with rationed.sparingly():
        archive = zipfile.ZipFile(cast("IO[bytes]", rationed))
    with archive:
        for info in archive.infolist():
            if not info.is_dir():
                _refuse_unless(stat.S_IFMT(info.external_attr >> 16) in {0, stat.S_IFREG}, info.filename)
                yield Member(info.filename, info.file_size, partial(archive.open, info))


def _of_tar(stream: IO[bytes]) -> Iterator[Member]:
    with gzip.GzipFile(fileobj=stream) as unpacked:
        rationed = _Rationed(cast("IO[bytes]", unpacked))
        with rationed.sparingly():
            archive = tarfile.TarFile(fileobj=cast("IO[bytes]", rationed))
        with archive:
            while info := _next(archive, rationed):
                if not info.isdir():
                    _refuse_unless(info.isreg() and not info.issparse(), info.name)
                    yield Member(
                        info.name, info.size, partial(cast("Callable[..., IO[bytes]]", archive.extractfile), info)
                    )
        with rationed.sparingly():
            rationed.drain()


def _next(archive: tarfile.TarFile, rationed: "_Rationed") -> tarfile.TarInfo | None:
    with rationed.sparingly():
        info = archive.next()
    # tarfile takes a header that is cut off or malformed for the end, and so would we take a half for the whole.
    if info is None and rationed.last != _TAR_END:
        raise tarfile.ReadError("it has no end")
    return info


def _refuse_unless(is_file: bool, name: str) -> None:
    if not is_file:
        raise InvalidInput(f"{name[:80]!a} is a link, a device or the like; a model is made of files alone.")


def _sound(pieces: Iterator[T]) -> Iterator[T]:
    try:
        yield from pieces
    except _FAULTS as error:
        raise InvalidInput(
            "This is no zip and no tar.gz that can be read: it is cut off, malformed or locked."
        ) from error


class _Rationed:
    """A file that, where it is told so, gives a ration of bytes and then no more."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left_bytes: int | None = None
        self.last = b""
        """What was read last."""
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    @contextmanager
    def sparingly(self) -> Iterator[None]:
        """Give no more than the ration inside the block."""
        self._left_bytes = _MOST_HEADER_BYTES
        yield
        self._left_bytes = None

    def read(self, size_bytes: int = -1) -> bytes:
        """Return at most so many bytes; raises ValueError for more than is left of the ration."""
        left_bytes = self._left_bytes
        if left_bytes is None:
            self.last = self._stream.read(size_bytes)
            return self.last
        self.last = self._stream.read(min(size_bytes, left_bytes + 1) if size_bytes >= 0 else left_bytes + 1)
        self._left_bytes = left_bytes - len(self.last)
        if self._left_bytes < 0:
            raise ValueError("there is more of it than a sound archive has")
        return self.last

    def drain(self) -> None:
        """Read what is left; gzip checks its sum at the end."""
        while self.read(tarfile.RECORDSIZE):
            pass

    def close(self) -> None:
        """Whoever opened the file closes it."""
