"""Messages between the child that decodes and its parent: a size, then so many bytes."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from shared.audio.limits import Clock

SIZE_FORMAT: Final = struct.Struct("<I")


def send(connection: socket.socket, content: bytes) -> None:
    """Send one message; blocks. Raises OSError when the other end is gone."""
    connection.sendall(SIZE_FORMAT.pack(len(content)))
    connection.sendall(content)


def receive(connection: socket.socket) -> bytes:
    """Receive one message, of an end that is trusted; blocks. Raises struct.error when it is gone."""
    with connection.makefile("rb") as stream:
        (size_bytes,) = SIZE_FORMAT.unpack(stream.read(SIZE_FORMAT.size))
        return stream.read(size_bytes)


class TimedConnection:
    """Messages with an end that is not trusted; each call raises TimedOut when the clock has no time left.

    A message that stops in its middle, or drips, holds nobody for longer.
    """

    def __init__(self, connection: socket.socket, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def send(self, content: bytes) -> None:
        """Send one message. Raises OSError when the other end is gone."""
        with self._in_time():
            send(self._connection, content)

    def receive(self, most_bytes: int) -> bytearray:
        """Receive one message. Raises EOFError when the other end is gone, ValueError for too long a message."""
        (size_bytes,) = SIZE_FORMAT.unpack(self._exactly(SIZE_FORMAT.size))
        if size_bytes > most_bytes:
            raise ValueError("a message longer than any that is sent")
        return self._exactly(size_bytes)

    def _exactly(self, size_bytes: int) -> bytearray:
        content = bytearray(size_bytes)
        rest = memoryview(content)
        while rest:
            with self._in_time():
                received_bytes = self._connection.recv_into(rest)
            if not received_bytes:
                raise EOFError
            rest = rest[received_bytes:]
        return content

    @contextmanager
    def _in_time(self) -> Iterator[None]:
        self._clock.check()
        self._connection.settimeout(self._clock.left_seconds)
        try:
            with self._clock.running():
                yield
        except TimeoutError as error:
            raise self._clock.timed_out() from error
