"""Reading with an eye on the memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

_RATION_BYTES = 1 << 20
"""Of a zip's directory, and of what a tar says before each file: Python's readers take both into memory."""


class Rationed:
    """A file that, where it is told so, gives a ration of bytes and then no more."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left_bytes: int | None = None
        self.last = b""
        """What was read last."""
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable

    @contextmanager
    def sparingly(self) -> Iterator[None]:
        """Give no more than the ration inside the block."""
        self._left_bytes = _RATION_BYTES
        yield
        self._left_bytes = None

    def read(self, size_bytes: int = -1) -> bytes:
        """Return at most so many bytes; raises ValueError for more than is left of the ration."""
        left_bytes = self._left_bytes
        if left_bytes is None:
            self.last = self._stream.read(size_bytes)
            return self.last
        self.last = self._stream.read(min(size_bytes, left_bytes + 1) if size_bytes >= 0 else left_bytes + 1)
        self._left_bytes = left_bytes - len(self.last)
        if self._left_bytes < 0:
            raise ValueError("there is more of it than a sound archive has")
        return self.last

    def drain(self, piece_bytes: int) -> None:
        """Read what is left."""
        while self.read(piece_bytes):
            pass

    def close(self) -> None:
        """Whoever opened the file closes it."""
