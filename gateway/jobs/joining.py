"""Parts of a sound, stored as 16-bit samples, joined into one file of any format in bounded memory."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from shared.audio import Encoder, Samples
from shared.objects import ObjectStore


@contextmanager
def joined(objects: ObjectStore, keys: Iterable[str], sample_rate_hz: int, format_name: str) -> Iterator[Path]:
    """Yield a file with the sound of all parts. It has no name of its own, so that even a crash leaves nothing."""
    with tempfile.TemporaryFile() as file:
        encoder = Encoder(format_name, sample_rate_hz)
        for key in keys:
            for samples in _samples(objects, key):
                file.write(encoder.feed(samples))
        file.write(encoder.finish())
        file.flush()
        yield Path(f"/proc/self/fd/{file.fileno()}")


def _samples(objects: ObjectStore, key: str) -> Iterator[Samples]:
    rest = b""
    with objects.open(key) as chunks:
        for chunk in chunks:
            data = rest + chunk
            whole = len(data) // 2 * 2
            rest = data[whole:]
            yield np.frombuffer(data[:whole], np.int16).astype(np.float32) / np.float32(32767)  # as they are written
