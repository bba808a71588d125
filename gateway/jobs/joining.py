"""Parts of a sound, stored as 16-bit samples, joined into one file of any format in bounded memory."""

import errno
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import numpy as np

from shared.audio import Samples, encode_into
from shared.objects import ObjectStore
from shared.objects.atomic import WRITING, Reports, reported
from shared.problems import StorageFull

_NO_ROOM = StorageFull, "The worker's folder for temporary files, where sound is joined, has no room left."
_JOINING: Reports = {**WRITING, **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _NO_ROOM)}


Part = AbstractContextManager[Iterable[bytes]]


def joined(
    objects: ObjectStore, keys: Iterable[str], sample_rate_hz: int, format_name: str, comment: str = ""
) -> AbstractContextManager[Path]:
    """Give a file with the sound of all parts. It has no name of its own, so that even a crash leaves nothing.

    The same parts give the same bytes. Raises StorageFull, and what reading the parts raises.
    """
    return _encoded((objects.open(key) for key in keys), sample_rate_hz, format_name, comment)


def whole(sound: bytes, sample_rate_hz: int, format_name: str, comment: str = "") -> AbstractContextManager[Path]:
    """Give such a file of a sound that is not in parts."""
    return _encoded([nullcontext([sound])], sample_rate_hz, format_name, comment)


@contextmanager
def _encoded(parts: Iterable[Part], sample_rate_hz: int, format_name: str, comment: str) -> Iterator[Path]:
    with reported(_JOINING), tempfile.TemporaryFile() as file:
        samples = (piece for part in parts for piece in _samples(part))
        encode_into(file, samples, format_name, sample_rate_hz, comment)
        yield Path(f"/proc/self/fd/{file.fileno()}")


def _samples(part: Part) -> Iterator[Samples]:
    rest = b""
    with part as chunks:
        for chunk in chunks:
            data = rest + chunk
            whole = len(data) // 2 * 2
            rest = data[whole:]
            yield np.frombuffer(data[:whole], np.int16).astype(np.float32) / np.float32(32767)  # as they are written
