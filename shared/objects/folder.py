"""Objects as files in a folder."""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, TypeVar

from shared.objects.atomic import (
    MOVING,
    READING,
    WRITING,
    FolderGone,
    atomic_write,
    opened_folder,
    remove_abandoned,
    reported,
)
from shared.objects.base import CHUNK_BYTES, Hear, LeftOut, ObjectInfo, ObjectStore, ignore
from shared.objects.keys import MAX_KEY_BYTES, PARTIAL_PREFIX, check_key, check_prefix
from shared.objects.locks import locked
from shared.problems import AlreadyExists, Conflict, NotFound

# Without O_NONBLOCK a pipe in the folder would hold the reader for ever.
_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
T = TypeVar("T")
Place = tuple[int, str]
"""A folder's descriptor, and a name in it."""
Rename = Callable[[Place, Place, str], None]

_CHANGED = "The object was written anew or removed meanwhile."
_NO_FILE = "It is no file; links are not followed."
_PUT_ATTEMPTS = 30
"""A folder that another process finds empty and removes is made again."""


class FolderObjects(ObjectStore):
    """Objects as files below `root`. Links below the root are never followed, so no key leads out of it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def open(self, key: str) -> Iterator[Iterator[bytes]]:
        """Open a file as an iterator of chunks."""
        with self._file(key) as stream:
            yield _chunks(stream)

    def address(self, key: str) -> str:
        """Return the file's address on this machine."""
        return (self.root.absolute() / check_key(key)).as_uri()

    def start(self, key: str, most_bytes: int) -> bytes:
        """Read the beginning of a file."""
        with self._file(key) as stream, reported(READING):
            return stream.read(most_bytes)

    def put(
        self, key: str, data: bytes | Path | BinaryIO, *, if_absent: bool = False, if_match: str | None = None
    ) -> str:
        """Write to a temporary file, sync, rename, sync the folder."""
        return _despite_removers(lambda: self._put(key, data, if_absent=if_absent, if_match=if_match))

    def _put(self, key: str, data: bytes | Path | BinaryIO, *, if_absent: bool, if_match: str | None) -> str:
        *parents, name = check_key(key).split("/")
        with (
            source(data) as contents,
            reported(WRITING),
            opened_folder(self.root, parents, create=True) as folder,
            _matched(folder, name, if_match),
            _no_folder(folder, name),
            atomic_write(folder, name, if_absent=if_absent) as stream,
        ):
            shutil.copyfileobj(contents, stream, CHUNK_BYTES)
            stream.flush()
            return _etag(os.fstat(stream.fileno()))

    def head(self, key: str) -> ObjectInfo:
        """Return size, etag and time of a file."""
        with self._file(key) as stream:
            return _info(key, os.fstat(stream.fileno()))

    def list(self, prefix: str = "", left_out: Hear = ignore) -> Iterator[ObjectInfo]:
        """Walk the folder in the order of the keys, as S3 lists them."""
        start = check_prefix(prefix).rpartition("/")[0]
        return self._walk(start, prefix, left_out)

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove a file, and the folders that are empty without it."""
        *parents, name = check_key(key).split("/")
        with (
            reported(WRITING),
            suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError),
            opened_folder(self.root, parents) as folder,
        ):
            os.stat(name, dir_fd=folder, follow_symlinks=False)
            with _matched(folder, name, if_match):
                os.unlink(name, dir_fd=folder)
        for depth in range(len(parents), 0, -1):
            if not self._is_removed(parents[:depth]):
                return

    def move(self, key: str, target: str, *, if_match: str, if_absent: bool = False) -> None:
        """Rename a file; the folder that it leaves stays, even where it is empty."""
        check_key(target)
        self._require(key, if_match)
        _despite_removers(lambda: self._move(key, target, if_match, _link if if_absent else _rename))

    def _require(self, key: str, etag: str) -> None:
        if self.head(key).etag != etag:
            raise Conflict(_CHANGED)

    def _move(self, key: str, target: str, if_match: str, rename: Rename) -> None:
        (*parents, name), (*new_parents, new) = key.split("/"), target.split("/")
        with (
            reported(READING),
            opened_folder(self.root, parents) as here,
            reported(WRITING),
            opened_folder(self.root, new_parents, create=True) as there,
        ):
            rename((here, name), (there, new), if_match)
            os.fsync(there)
            os.fsync(here)

    def _is_removed(self, names: Sequence[str]) -> bool:
        """Remove a folder below the root if it is empty; return whether it is gone."""
        try:
            with opened_folder(self.root, names[:-1]) as parent:
                os.rmdir(names[-1], dir_fd=parent)
        except FileNotFoundError:
            return True
        except OSError:  # not empty, or a link, or not ours to remove: it is in nobody's way
            return False
        return True

    @contextmanager
    def _file(self, key: str) -> Iterator[BinaryIO]:
        *parents, name = check_key(key).split("/")
        with reported(READING), opened_folder(self.root, parents) as folder:
            descriptor = os.open(name, _READ_FLAGS, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise NotFound("There is no object of that name.")
        with open(descriptor, "rb") as stream:
            yield stream

    def _walk(self, folder: str, prefix: str, left_out: Hear) -> Iterator[ObjectInfo]:
        for key, status in self._entries(folder):
            if not key.startswith(prefix):
                continue
            if stat.S_ISDIR(status.st_mode) and len(key) <= MAX_KEY_BYTES:  # no key lies deeper
                yield from self._walk(key, prefix, left_out)
            elif fault := self.fault_of(key) or ("" if stat.S_ISREG(status.st_mode) else _NO_FILE):
                left_out(LeftOut(key, fault))
            else:
                yield _info(key, status)

    def _entries(self, folder: str) -> Sequence[tuple[str, os.stat_result]]:
        """Return (key, status) of everything in one folder; nothing stays open while the caller takes its time."""
        found = []
        with (
            reported(READING),
            suppress(FileNotFoundError, NotADirectoryError),
            opened_folder(self.root, folder.split("/") if folder else ()) as descriptor,
            os.scandir(descriptor) as entries,
        ):
            remove_abandoned(descriptor)
            for entry in entries:
                with suppress(FileNotFoundError):
                    if not entry.name.startswith(PARTIAL_PREFIX):
                        found.append((f"{folder}/{entry.name}".lstrip("/"), entry.stat(follow_symlinks=False)))
        return sorted(found, key=_order)


def _despite_removers(write: Callable[[], T]) -> T:
    """Write into a folder again that others, finding it empty, remove at the same time."""
    for _ in range(_PUT_ATTEMPTS - 1):
        with suppress(FolderGone):
            return write()
    return write()


@contextmanager
def _matched(folder: int, name: str, etag: str | None) -> Iterator[None]:
    """Let no other conditional writer change a file in the block; raises Conflict if it is not of that etag."""
    if etag is None:
        yield
        return
    with locked(folder):
        if not _is_of(folder, name, etag):
            raise Conflict(_CHANGED)
        yield


@contextmanager
def _no_folder(folder: int, name: str) -> Iterator[None]:
    """Raise IsADirectoryError where a folder has the name: what only looks whether it is taken does not say that."""
    try:
        yield
    except AlreadyExists:
        if stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise IsADirectoryError(errno.EISDIR, "a folder has that name") from None
        raise


def _rename(old: Place, new: Place, etag: str) -> None:
    with reported(MOVING):
        os.rename(old[1], new[1], src_dir_fd=old[0], dst_dir_fd=new[0])
    if not _is_of(*new, etag):  # what was put there in the last moment goes back
        os.link(new[1], old[1], src_dir_fd=new[0], dst_dir_fd=old[0])
        os.unlink(new[1], dir_fd=new[0])
        raise Conflict(_CHANGED)
    if _is_same(old, new):  # a rename leaves two names of one file as they are
        os.unlink(old[1], dir_fd=old[0])


def _link(old: Place, new: Place, etag: str) -> None:
    """Add the new name, which fails where it is taken, and remove the old one then."""
    if not _is_same(old, new):
        with _no_folder(*new), reported(MOVING):
            os.link(old[1], new[1], src_dir_fd=old[0], dst_dir_fd=new[0], follow_symlinks=False)
    if not _is_of(*new, etag):
        os.unlink(new[1], dir_fd=new[0])
        raise Conflict(_CHANGED)
    os.fsync(new[0])
    with _matched(*old, etag):
        os.unlink(old[1], dir_fd=old[0])


def _is_same(one: Place, other: Place) -> bool:
    """Tell whether both are names of one file."""
    try:
        found = [os.stat(name, dir_fd=folder, follow_symlinks=False) for folder, name in (one, other)]
    except FileNotFoundError:
        return False
    return os.path.samestat(*found)


def _is_of(folder: int, name: str, etag: str) -> bool:
    try:
        return _etag(os.stat(name, dir_fd=folder, follow_symlinks=False)) == etag
    except FileNotFoundError:
        return False


@contextmanager
def source(data: bytes | Path | BinaryIO) -> Iterator[BinaryIO]:
    """Open bytes or a file for reading; one that is open is read from its beginning, and left open."""
    if isinstance(data, bytes | Path):
        with BytesIO(data) if isinstance(data, bytes) else data.open("rb") as stream:
            yield stream
    else:
        data.seek(0)
        yield data


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with reported(READING):
        yield from iter(partial(stream.read, CHUNK_BYTES), b"")


def _order(entry: tuple[str, os.stat_result]) -> bytes:
    # A folder sorts as the keys in it do: "a.txt" comes before "a/b", "a0" after it.
    key, status = entry
    return os.fsencode(key + "/" if stat.S_ISDIR(status.st_mode) else key)


def _info(key: str, status: os.stat_result) -> ObjectInfo:
    return ObjectInfo(key, status.st_size, _etag(status), datetime.fromtimestamp(status.st_mtime, UTC))


def _etag(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns:x}-{status.st_size:x}-{status.st_ino:x}"
