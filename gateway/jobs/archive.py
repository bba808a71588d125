"""Many objects as one file in a .tar.gz, in bounded memory. Blocks."""

import gzip
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.objects import ObjectStore


@contextmanager
def archived(objects: ObjectStore, keys: Sequence[str], name: str) -> Iterator[Path]:
    """Yield a .tar.gz, for the block, that holds the objects as one file of that name; the same bytes each time.

    Raises NotFound, Unavailable.
    """
    about = tarfile.TarInfo(name)
    about.size = sum(objects.head(key).size_bytes for key in keys)
    with TemporaryDirectory() as folder:
        path = Path(folder, "archive.tar.gz")
        with (
            path.open("wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
        ):
            archive.addfile(about, _Joined(objects, keys))
        yield path


class _Joined(RawIOBase):
    """Objects one behind the other, as tarfile reads them."""

    def __init__(self, objects: ObjectStore, keys: Sequence[str]) -> None:
        self._chunks = (chunk for key in keys for chunk in _chunks(objects, key))
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or fewer at the end."""
        while len(self._rest) < size and (chunk := next(self._chunks, b"")):
            self._rest += chunk
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def _chunks(objects: ObjectStore, key: str) -> Iterator[bytes]:
    with objects.open(key) as chunks:
        yield from chunks
