"""Protobuf messages read and written without their descriptions: the wire format of protobuf.dev's encoding page."""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_TAG = 0xFFFFFFFF


def fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, bool]]:
    """Yield (field number, start and end of its value, whether it is the number 0) for each field of a message.

    Raises IndexError for a message that is cut off or malformed.
    """
    position = start
    while position < end:
        tag, value_start = _varint(data, position)
        if tag > _MAX_TAG:
            raise IndexError("protobuf would cut this tag to 32 bits, and see another field than we do")
        kind, is_zero, value_end = tag & 7, False, value_start
        if kind == _VARINT:
            value, value_end = _varint(data, value_start)
            is_zero = value == 0
        elif kind == _BYTES:
            length, value_start = _varint(data, value_start)
            value_end = value_start + length
        elif kind in {_FIXED32, _FIXED64}:
            value_end = value_start + (8 if kind == _FIXED64 else 4)
        else:
            raise IndexError("groups and unknown kinds of fields are not part of ONNX")
        if value_end > end:
            raise IndexError("a field is longer than its message")
        yield tag >> 3, value_start, value_end, is_zero
        position = value_end


def _varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise IndexError("a number is too long")


def field(number: int, value: bytes) -> bytes:
    """Return a field of bytes, which may be a message."""
    return _encoded(number << 3 | _BYTES) + _encoded(len(value)) + value


def _encoded(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])
