"""Folders in which models are made ready for a store, each by one process at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from shared.problems import Conflict
from shared.store.names import check_name


@contextmanager
def staging(place: Path, name: str, version: str) -> Iterator[Path]:
    """Yield the folder for a version of a model below `place`, as the process before left it, however that ended.

    Raises Conflict while another process has it, InvalidInput for names that are none.
    """
    folder = place / check_name(name, "model") / check_name(version, "version")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        # The kernel frees the lock of a process that dies.
        with FileLock(f"{folder}.lock", timeout=0, preserve_lock_file=True, fallback_to_soft=False):
            yield folder
    except Timeout as error:
        raise Conflict("Another process is just bringing this model into a store.") from error
