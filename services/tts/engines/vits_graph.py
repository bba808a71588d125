"""The frames of each symbol, which a VITS export works out within and does not tell.

A protobuf message is merged with what follows it, so that a graph gets an output by bytes behind the file's.
"""

from collections.abc import Iterator
from typing import Final

from shared.store.protobuf import field, fields

_GRAPH: Final = 7
_NODE, _OUTPUT, _NAME = 1, 12, 1
_NODE_OUTPUT, _NODE_KIND = 2, 4


def telling_durations(model: bytes) -> bytes:
    """Return an export with a second output, the frames of each symbol; unchanged if it has more than one already.

    Piper and Coqui round the length of each symbol up to whole frames, and round nothing else; an export that does so
    at several places or none stays as it is too, and bytes that are no model are left for others to refuse.
    """
    try:
        graphs = list(_values(model, _GRAPH))
        outputs = [output for graph in graphs for output in _values(graph, _OUTPUT)]
        rounded = [name for graph in graphs for name in _rounded(graph)]
    except IndexError:
        return model
    if len(outputs) != 1 or len(rounded) != 1:
        return model
    return model + field(_GRAPH, field(_OUTPUT, field(_NAME, rounded[0])))


def _rounded(graph: bytes) -> Iterator[bytes]:
    """Yield the names of what the graph rounds up."""
    for node in _values(graph, _NODE):
        if b"Ceil" in _values(node, _NODE_KIND):
            yield from _values(node, _NODE_OUTPUT)


def _values(message: bytes, wanted: int) -> Iterator[bytes]:
    return (message[start:end] for number, start, end, _ in fields(message, 0, len(message)) if number == wanted)
