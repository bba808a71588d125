"""Parts of a sound, stored as 16-bit samples, joined into one file of any format in bounded memory."""

import errno
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shared.audio import Samples, encode_into
from shared.objects import ObjectStore
from shared.objects.atomic import WRITING, Reports, reported
from shared.problems import StorageFull

_NO_ROOM = StorageFull, "The worker's folder for temporary files, where sound is joined, has no room left."
_JOINING: Reports = {**WRITING, **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), _NO_ROOM)}


Part = AbstractContextManager[Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Form:
    """What file is made of 16-bit samples, and at which rate these are."""

    format_name: str
    sample_rate_in_hz: int
    sample_rate_out_hz: int | None = None
    """None: the format's own."""


def joined(objects: ObjectStore, keys: Iterable[str], form: Form, comment: str = "") -> AbstractContextManager[Path]:
    """Give a file with the sound of all parts. It has no name of its own, so that even a crash leaves nothing.

    The same parts give the same bytes. Raises StorageFull, and what reading the parts raises.
    """
    return _encoded((objects.open(key) for key in keys), form, comment)


def whole(sound: bytes, form: Form, comment: str = "") -> AbstractContextManager[Path]:
    """Give such a file of a sound that is not in parts."""
    return _encoded([nullcontext([sound])], form, comment)


@contextmanager
def _encoded(parts: Iterable[Part], form: Form, comment: str) -> Iterator[Path]:
    with reported(_JOINING), tempfile.TemporaryFile() as file:
        samples = (piece for part in parts for piece in _samples(part))
        rates_hz = form.sample_rate_in_hz, form.sample_rate_out_hz
        encode_into(file, samples, form.format_name, *rates_hz, comment=comment)
        yield Path(f"/proc/self/fd/{file.fileno()}")


def _samples(part: Part) -> Iterator[Samples]:
    rest = b""
    with part as chunks:
        for chunk in chunks:
            data = rest + chunk
            whole = len(data) // 2 * 2
            rest = data[whole:]
            yield np.frombuffer(data[:whole], np.int16).astype(np.float32) / np.float32(32767)  # as they are written
