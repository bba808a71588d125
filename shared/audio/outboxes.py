"""What the libraries write into: a stream, a file in memory, a file on a disk."""

import io
from collections.abc import Callable
from typing import BinaryIO


class Outbox(io.RawIOBase):
    """A file that only grows at its end; `drain` hands out what has come since the last time."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        """Say yes, as libav asks."""
        return True

    def write(self, data: object) -> int:
        """Append bytes."""
        part = bytes(data)  # type: ignore[call-overload]
        self._parts.append(part)
        self._position += len(part)
        return len(part)

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Stay at the end, which is all that libsndfile asks for."""
        return self._position

    def drain(self) -> bytes:
        """Return the bytes not handed out yet."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data

    def rest(self) -> bytes:
        """Return the last bytes of a file that has ended."""
        return self.drain()


class RewritableOutbox(io.BytesIO):
    """A file whose header is written again when its length is known, so nothing leaves before the end."""

    def drain(self) -> bytes:
        """Return nothing yet."""
        return b""

    def rest(self) -> bytes:
        """Return the whole file."""
        return self.getvalue()


class FileOutbox(io.RawIOBase):
    """A file on a disk, whose header is written again when its length is known; nothing is handed out.

    An error of the disk is raised by `drain` and `rest`: between them and the disk are libraries that would lose it.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._failure: OSError | None = None

    def writable(self) -> bool:
        """Say yes, as libav asks."""
        return True

    def seekable(self) -> bool:
        """Say yes, as libav asks."""
        return True

    def write(self, data: object) -> int:
        """Write bytes, unless the file has failed or is closed."""
        part = bytes(data)  # type: ignore[call-overload]
        self._attempt(lambda: self._file.write(part))
        return len(part)

    def tell(self) -> int:
        """Return the position."""
        return self._attempt(self._file.tell)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the position."""
        return self._attempt(lambda: self._file.seek(offset, whence))

    def drain(self) -> bytes:
        """Return nothing. Raises OSError."""
        if self._failure:
            raise self._failure
        return b""

    def rest(self) -> bytes:
        """Return nothing, once all is with the operating system. Raises OSError."""
        self._attempt(self._file.flush)
        return self.drain()

    def _attempt(self, work: Callable[[], int | None]) -> int:
        try:
            return (work() or 0) if self._failure is None and not self._file.closed else 0
        except OSError as error:
            self._failure = error
            return 0


AnyOutbox = Outbox | RewritableOutbox | FileOutbox
