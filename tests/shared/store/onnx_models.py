"""Tiny ONNX models written by hand, good ones and ones that reach out of their file."""

_FLOAT = 1
_EXTERNAL = 1


def varint(value: int) -> bytes:
    """Encode a number as protobuf does."""
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def field(number: int, value: int | bytes | str) -> bytes:
    """Encode one field: a number, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(*more: bytes, raw: bytes | None = None) -> bytes:
    """Encode a TensorProto "w" of four floats."""
    contents = b"" if raw is None else field(9, raw)
    return field(1, 4) + field(2, _FLOAT) + field(8, "w") + contents + b"".join(more)


def external(location: str) -> bytes:
    """Encode the fields of a TensorProto that say: my contents are in that file."""
    entry = field(1, "location") + field(2, location)
    return field(13, entry) + field(14, _EXTERNAL)


def value_info(name: str) -> bytes:
    """Encode a ValueInfoProto of four floats."""
    shape = field(1, field(1, 4))
    return field(1, name) + field(2, field(1, field(1, _FLOAT) + field(2, shape)))


def model(
    *initializers: bytes, graph_fields: bytes = b"", model_fields: bytes = b"", node_fields: bytes = b""
) -> bytes:
    """Encode y = x + w."""
    node = field(1, "x") + field(1, "w") + field(2, "y") + field(4, "Add") + node_fields
    weights = b"".join(field(5, initializer) for initializer in initializers)
    graph = field(1, node) + field(2, "g") + weights + field(11, value_info("x")) + field(12, value_info("y"))
    return field(1, 8) + field(7, graph + graph_fields) + field(8, field(1, "") + field(2, 17)) + model_fields
