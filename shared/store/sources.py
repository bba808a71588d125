"""What somebody wants to bring into a store: a folder, a zip or a tar.gz."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from shared.problems import NotFound
from shared.store.archives import of_tar, of_zip
from shared.store.members import Member, is_hidden, refuse_unless, sound

_GZIP_START = b"\x1f\x8b"


@contextmanager
def opened(source: Path) -> Iterator[Iterator[Member]]:
    """Open it as its files, each to be read before the next; told apart by what it is and not by its name.

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
        yield sound(of_tar(stream) if is_gzip else of_zip(stream))


def _of_folder(root: Path) -> Iterator[Member]:
    for place, folders, files in os.walk(root):
        folders[:] = sorted(folder for folder in folders if not is_hidden(folder))
        linked = [folder for folder in folders if Path(place, folder).is_symlink()]
        for name in sorted([*files, *linked]):
            path = Path(place, name)
            status = path.lstat()
            refuse_unless(stat.S_ISREG(status.st_mode), name)
            yield Member(path.relative_to(root).as_posix(), status.st_size, partial(_open, path))


def _open(path: Path) -> IO[bytes]:
    return path.open("rb")
