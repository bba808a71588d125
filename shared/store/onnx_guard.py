"""Refuse ONNX models that reach beyond their own file.

A tensor of an ONNX model may name another file as its contents ("external data"), and a runtime that believes it
reads whatever the name leads to (CVE-2022-25882, CVE-2024-27318). Serving opens models in one file only, so we walk the
protobuf message ourselves, before a runtime sees it, and refuse every external tensor and every sparse one, since
checks of the latter were passed by in the past. Opening a model from bytes is no guard: onnxruntime 1.31 then takes
such names relative to the process's working folder, when its optimisers are off (the tests show it).

The field numbers are those of onnx.proto3 (github.com/onnx/onnx).
"""

from pathlib import Path

from shared.problems import ModelCorrupt
from shared.store.protobuf import fields

_MAX_DEPTH = 64

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
    for number, value_start, value_end, is_zero in fields(data, start, end):
        child = children.get(number)
        # data_location 0 says "in this file", which is the default and harmless.
        if child == "Refused" and not is_zero:
            raise ModelCorrupt("An ONNX model has external or sparse tensors; save it as one file without them.")
        if child is not None and child in _CHILDREN:
            _walk(data, value_start, value_end, child, depth + 1)
