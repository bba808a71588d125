"""Parts of ONNX models written by hand, without the package that writes them."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tests.shared.store.onnx_models import field

_INT, _GRAPH, _INTS = 2, 5, 7
_KINDS = {"float32": (1, "<f4"), "int64": (7, "<i8"), "bool": (9, "?")}
Constant = NDArray[np.float32 | np.int64 | np.bool_]


def node(kind: str, inputs: Sequence[str], outputs: Sequence[str], *attributes: bytes) -> bytes:
    """Return an operation."""
    names = [*(field(1, name) for name in inputs), *(field(2, name) for name in outputs)]
    return b"".join([*names, field(4, kind), *(field(5, attribute) for attribute in attributes)])


def integer(name: str, value: int) -> bytes:
    """Return an attribute."""
    return field(1, name) + field(3, value) + field(20, _INT)


def integers(name: str, values: Sequence[int]) -> bytes:
    """Return an attribute."""
    return field(1, name) + b"".join(field(8, value) for value in values) + field(20, _INTS)


def graph(name: str, nodes: Sequence[bytes], inputs: Sequence[bytes], outputs: Sequence[bytes]) -> bytes:
    """Return an attribute: what is done at each turn."""
    return field(1, name) + field(6, _graph(nodes, {}, inputs, outputs)) + field(20, _GRAPH)


def tensor(name: str, values: Constant) -> bytes:
    """Return a constant."""
    dimensions = b"".join(field(1, size) for size in values.shape)
    kind, raw = _KINDS[values.dtype.name]
    return dimensions + field(2, kind) + field(8, name) + field(9, values.astype(raw).tobytes())


def value(name: str, shape: Sequence[int | str], kind: str = "float32") -> bytes:
    """Return an input or output; a size that is a name may be any."""
    sizes = b"".join(field(1, field(1, size) if isinstance(size, int) else field(2, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, _KINDS[kind][0]) + field(2, sizes)))


def model(
    nodes: Sequence[bytes], constants: Mapping[str, Constant], inputs: Sequence[bytes], outputs: Sequence[bytes]
) -> bytes:
    """Return a model of opset 17."""
    return field(1, 8) + field(7, _graph(nodes, constants, inputs, outputs)) + field(8, field(1, "") + field(2, 17))


def _graph(
    nodes: Sequence[bytes], constants: Mapping[str, Constant], inputs: Sequence[bytes], outputs: Sequence[bytes]
) -> bytes:
    return b"".join(
        [
            *(field(1, one) for one in nodes),
            field(2, "graph"),
            *(field(5, tensor(name, values)) for name, values in constants.items()),
            *(field(11, one) for one in inputs),
            *(field(12, one) for one in outputs),
        ]
    )
