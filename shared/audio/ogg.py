"""Ogg streams that come out the same each time: libsndfile numbers them by the clock, and offers no other way."""

import io
import zlib
from typing import BinaryIO

_SERIAL = slice(14, 18)
_CHECKSUM = slice(22, 26)
_COUNT = 26
_HEADER_BYTES = 27
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Renumbered(io.RawIOBase):
    """A file to write an Ogg stream into; each page goes on to `target` when it is whole, with 0 as serial number."""

    def __init__(self, target: io.RawIOBase | BinaryIO) -> None:
        self._target = target
        self._waiting = b""
        self._position = 0

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: object) -> int:
        """Append bytes."""
        part = bytes(data)  # type: ignore[call-overload]
        self._position += len(part)
        self._waiting += part
        while len(self._waiting) >= (length := _page_bytes(self._waiting)):
            self._target.write(_renumbered(self._waiting[:length]))
            self._waiting = self._waiting[length:]
        return len(part)

    def tell(self) -> int:
        """Return the number of bytes written."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Stay at the end, which is all that libsndfile asks for."""
        return self._position


def _page_bytes(data: bytes) -> int:
    """Return the length of the page that `data` begins with; more than there is while its header is not whole."""
    count = data[_COUNT] if len(data) >= _HEADER_BYTES else 255
    lengths = data[_HEADER_BYTES : _HEADER_BYTES + count]
    return _HEADER_BYTES + count + sum(lengths)


def _renumbered(page: bytes) -> bytes:
    new = bytearray(page)
    new[_SERIAL] = new[_CHECKSUM] = bytes(4)
    new[_CHECKSUM] = _checksum(new)
    return bytes(new)


def _checksum(page: bytearray) -> bytes:
    """Return Ogg's CRC-32: zlib's with the bits of each byte the other way round, and without its inversions."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return mirrored.to_bytes(4, "big").translate(_MIRRORED)
