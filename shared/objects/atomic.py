"""Files that appear whole or not at all, in folders that are reached without following a link."""

import errno
import fcntl
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

from shared.objects.keys import PARTIAL_PREFIX
from shared.problems import AlreadyExists, InvalidInput, NotFound, Problem, StorageFull, Unavailable

_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_NAMELESS_FILE_FLAGS = os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC
_LEFT_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEEDS_NAMES = frozenset({errno.EOPNOTSUPP, errno.EISDIR})
_NO_OBJECT = NotFound, "There is no object of that name."
_NO_ROOM = StorageFull, "The storage has no room left; free some space or raise its quota."
_BAD_PLACE = InvalidInput, "The key lies below another object, or a folder or link is in its way."


class FolderGone(Unavailable):
    """The folder was removed, being empty, just when something was to be written into it."""


_VANISHED = FolderGone, "The folder was removed while something was written into it."

Reports = Mapping[int, tuple[type[Problem], str]]
READING: Reports = dict.fromkeys(
    (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG), _NO_OBJECT
)
WRITING: Reports = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _NO_ROOM),
    **dict.fromkeys((errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG), _BAD_PLACE),
    errno.ENOENT: _VANISHED,
    errno.EEXIST: (AlreadyExists, "There is an object of that name already."),
}
MOVING: Reports = {**WRITING, errno.ENOENT: _NO_OBJECT}


@contextmanager
def reported(reports: Reports) -> Iterator[None]:
    """Turn the operating system's errors into problems; those that `reports` does not name become Unavailable."""
    try:
        yield
    except OSError as error:
        kind, detail = reports.get(error.errno or 0, (Unavailable, "The storage cannot be read or written just now."))
        raise kind(detail) from error


@contextmanager
def opened_folder(root: Path, names: Sequence[str] = (), *, create: bool = False) -> Iterator[int]:
    """Open root/names[0]/names[1]/... and yield its descriptor; below `root` no link is followed."""
    if create:
        root.mkdir(parents=True, exist_ok=True)
    folder = os.open(root, _FOLDER_FLAGS & ~os.O_NOFOLLOW)
    try:
        for name in names:
            if create:
                _make_folder(folder, name)
            folder, parent = os.open(name, _FOLDER_FLAGS, dir_fd=folder), folder
            os.close(parent)
        yield folder
    finally:
        os.close(folder)


@contextmanager
def atomic_write(folder: int, name: str, *, if_absent: bool = False) -> Iterator[BinaryIO]:
    """Yield a stream whose bytes become the file `name` in the folder when the block ends without an error.

    The bytes are on the disk before the name is, and the name is on the disk before the block is left. Until then the
    file has no name at all where the file system can do that, so that nothing is left of a process that is killed.
    Only what replaces a file has another name for a moment; `remove_abandoned` finds what is left of that.
    With `if_absent` a file that is there is kept. Raises AlreadyExists, StorageFull, InvalidInput, Unavailable.
    """
    partial = PARTIAL_PREFIX + token_hex(8)
    with reported(WRITING):
        descriptor, is_named = _new_file(folder, partial)
        try:
            with open(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(descriptor)
                if is_named or not _named(folder, descriptor, name, partial, if_absent=if_absent):
                    _place(folder, partial, name, if_absent=if_absent)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(partial, dir_fd=folder)
        os.fsync(folder)


def remove_abandoned(folder: int) -> None:
    """Remove what writers left that were killed: their files are not locked any more."""
    for name in os.listdir(folder):
        if name.startswith(PARTIAL_PREFIX):
            with suppress(OSError):  # it lives, it has its place by now, or we may not write here
                _remove_unlocked(folder, name)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    with opened_folder(path) as folder:
        os.fsync(folder)


def _make_folder(parent: int, name: str) -> None:
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=parent)
        os.fsync(parent)


def _remove_unlocked(folder: int, name: str) -> None:
    descriptor = os.open(name, _LEFT_FILE_FLAGS, dir_fd=folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(name, dir_fd=folder)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    """Show that the writer of a file lives."""
    with suppress(OSError):  # where the file system knows no locks, nobody takes a file for abandoned either
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _new_file(folder: int, partial: str) -> tuple[int, bool]:
    """Open a new file in the folder; True beside it if it has the name `partial`, False if it has none."""
    try:
        return os.open(".", _NAMELESS_FILE_FLAGS, 0o666, dir_fd=folder), False
    except OSError as error:
        if os.fstat(folder).st_nlink == 0:  # some file systems call that "not permitted"
            raise FileNotFoundError(errno.ENOENT, "the folder is gone") from error
        if error.errno not in _NEEDS_NAMES:
            raise
    remove_abandoned(folder)
    descriptor = os.open(partial, _NEW_FILE_FLAGS, 0o666, dir_fd=folder)
    _lock(descriptor)
    return descriptor, True


def _named(folder: int, descriptor: int, name: str, partial: str, *, if_absent: bool) -> bool:
    """Give a file without a name its own; return False if that is taken, and the file is `partial` for now."""
    itself = f"/proc/self/fd/{descriptor}"
    try:
        os.link(itself, name, dst_dir_fd=folder)
    except FileExistsError:
        if if_absent:
            raise
        remove_abandoned(folder)
        _lock(descriptor)
        os.link(itself, partial, dst_dir_fd=folder)
        return False
    return True


def _place(folder: int, partial: str, name: str, *, if_absent: bool) -> None:
    # A rename would overwrite silently; a link fails when the name is taken, whoever else is writing.
    place = os.link if if_absent else os.rename
    place(partial, name, src_dir_fd=folder, dst_dir_fd=folder)
