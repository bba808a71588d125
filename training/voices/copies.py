"""Where the sounds of a corpus lie: in its folder, or copied from a bucket into a scratch folder."""

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from shared.objects import ObjectInfo, ObjectStore
from shared.objects.folder import FolderObjects
from shared.problems import StorageFull, Unavailable
from training.shared.workers import shown

_AT_ONCE = 16
_SPARE_BYTES = 1 << 28


def local_folder(objects: ObjectStore, found: Sequence[ObjectInfo], scratch: Path) -> Path:
    """Return the folder below which the objects lie under their keys; those of a bucket are copied into `scratch`.

    Called again, it copies what is not there yet, or was written anew. Raises StorageFull where there is no room for
    all, Unavailable.
    """
    if isinstance(objects, FolderObjects):
        return objects.root
    missing = [each for each in found if not _is_copied(each, scratch / each.key)]
    scratch.mkdir(parents=True, exist_ok=True)
    _check_room(sum(each.size_bytes for each in missing), scratch)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in shown("Copying", pool.map(partial(_copy, objects, scratch), missing), len(missing)):
            pass
    return scratch


def _is_copied(found: ObjectInfo, copy: Path) -> bool:
    """Say whether a copy is of this object as it is now: of its size, and of the time that copies get at the end."""
    try:
        known = copy.lstat()
    except OSError:
        return False
    return known.st_size == found.size_bytes and int(known.st_mtime) == int(found.modified.timestamp())


def _copy(objects: ObjectStore, scratch: Path, found: ObjectInfo) -> None:
    copy = scratch / found.key
    copy.parent.mkdir(parents=True, exist_ok=True)
    objects.download_to(found.key, copy, limit_bytes=found.size_bytes)
    if copy.lstat().st_size != found.size_bytes:
        raise Unavailable("A recording was written anew while it was copied; call again.")
    os.utime(copy, (found.modified.timestamp(),) * 2)


def _check_room(needed_bytes: int, scratch: Path) -> None:
    free_bytes = shutil.disk_usage(scratch).free
    if needed_bytes + _SPARE_BYTES > free_bytes:
        told = f"Copies of the recordings need {needed_bytes / 1e9:.1f} GB, and {free_bytes / 1e9:.1f} GB are free."
        raise StorageFull(f"{told} Choose another scratch folder.")
