"""Turns between those who write one folder on a condition, whose look and deed must not be parted."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from shared.objects.keys import PARTIAL_PREFIX

_NAME = f"{PARTIAL_PREFIX}lock"
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


@contextmanager
def locked(folder: int) -> Iterator[None]:
    """Keep everybody else who asks for the folder's lock waiting for the block; who is killed holds nothing.

    Where the file system knows no locks, nobody waits.
    """
    descriptor = _locked_file(folder)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            os.unlink(_NAME, dir_fd=folder)
        os.close(descriptor)


def _locked_file(folder: int) -> int:
    while True:
        descriptor = os.open(_NAME, _FLAGS, 0o666, dir_fd=folder)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if _is_there(folder, descriptor):
            return descriptor
        os.close(descriptor)  # whoever had it has removed it: what others lock by now is another file


def _is_there(folder: int, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(_NAME, dir_fd=folder, follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False
