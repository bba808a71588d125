"""Refuse ONNX models that reach beyond their own file.

A tensor of an ONNX model may name another file as its contents ("external data"), and a runtime that believes it
reads whatever the name leads to (CVE-2022-25882, CVE-2024-27318). Serving opens models in one file only, so we walk the
protobuf message ourselves, before a runtime sees it, and refuse every external tensor and every sparse one, since
checks of the latter were passed by in the past. Opening a model from bytes is no guard: onnxruntime 1.31 then takes
such names relative to the process's working folder, when its optimisers are off (the tests show it).

The field numbers are those of onnx.proto3 (github.com/onnx/onnx), the wire format that of protobuf.dev's encoding page.
"""

from collections.abc import Iterator
from pathlib import Path

from shared.problems import ModelCorrupt

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_DEPTH = 64
_MAX_TAG = 0xFFFFFFFF

# message -> field number -> the message it holds
_CHILDREN: dict[str, dict[int, str]] = {
    "Model": {7: "Graph", 20: "Training", 25: "Function"},
    "Training": {1: "Graph", 2: "Graph"},
    "Function": {7: "Node", 11: "Attribute"},
    "Graph": {1: "Node", 5: "Tensor", 15: "Refused"},
    "Node": {5: "Attribute"},
    "Attribute": {5: "Tensor", 6: "Graph", 10: "Tensor", 11: "Graph", 22: "Refused", 23: "Refused"},
    "Tensor": {13: "Refused", 14: "Refused"},
}


def refuse_external_data(path: Path) -> None:
    """Raise ModelCorrupt if an ONNX file has external or sparse tensors, or is no sound protobuf message."""
    # Read, not mapped: a file that is cut while it is mapped would kill the process.
    data = path.read_bytes()
    try:
        _walk(data, 0, len(data), "Model", 0)
    except IndexError as error:
        raise ModelCorrupt("An ONNX model is cut off or malformed.") from error
    if not data:
        raise ModelCorrupt("An ONNX model is empty.")


def _walk(data: bytes, start: int, end: int, message: str, depth: int) -> None:
    if depth > _MAX_DEPTH:
        raise IndexError("nested too deeply")
    children = _CHILDREN[message]
    for number, value_start, value_end, is_zero in _fields(data, start, end):
        child = children.get(number)
        # data_location 0 says "in this file", which is the default and harmless.
        if child == "Refused" and not is_zero:
            raise ModelCorrupt("An ONNX model has external or sparse tensors; save it as one file without them.")
        if child is not None and child in _CHILDREN:
            _walk(data, value_start, value_end, child, depth + 1)


def _fields(data: bytes, start: int, end: int) -> Iterator[tuple[int, int, int, bool]]:
    """Yield (field number, start and end of its value, whether it is the number 0) for each field of a message."""
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
