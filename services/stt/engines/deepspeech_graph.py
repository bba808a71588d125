"""A part of a .tflite file: what some of its outputs need, and no more.

One call of a DeepSpeech file computes the features of one window, and sixteen steps of the network. Mozilla's client runs
either half by an execution plan (native_client/tflitemodelstate.cc); Python's interpreter has none, so the file is cut.
"""

import struct
from collections.abc import Collection
from typing import Any

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from shared.problems import ModelCorrupt

_FILE_KIND = b"TFL3"
_FAULTS = (struct.error, ValueError, IndexError, TypeError, AttributeError)
"""How the reader of generated code meets a file that is damaged."""


def part_of(model: bytes, outputs: Collection[str]) -> bytes:
    """Return the file with these outputs alone. Raises ModelCorrupt for a file without them, or that is no model."""
    try:
        whole: Any = schema.ModelT.InitFromPackedBuf(model, 0)
        (graph,) = whole.subgraphs
        missing = set(outputs) - {_name(graph, tensor) for tensor in graph.outputs}
        if model[4:8] != _FILE_KIND or missing:
            raise ModelCorrupt("The acoustic model is none of DeepSpeech 0.9's .tflite files.")
        _drop_empty(whole, _cut(graph, outputs))
        builder = flatbuffers.Builder(len(model))
        builder.Finish(whole.Pack(builder), file_identifier=_FILE_KIND)
    except _FAULTS as error:
        raise ModelCorrupt("The acoustic model cannot be read.") from error
    return bytes(builder.Output())


def _name(graph: Any, tensor: int) -> str:
    name: bytes = graph.tensors[tensor].name
    return name.decode()


def _cut(graph: Any, outputs: Collection[str]) -> set[int]:
    """Leave in the graph what the outputs need, and return which tensors that is."""
    graph.outputs = [tensor for tensor in graph.outputs if _name(graph, tensor) in outputs]
    needed, operators = set(map(int, graph.outputs)), []
    for operator in reversed(graph.operators):  # they stand in the order in which they run
        if needed.intersection(operator.outputs):
            needed.update(map(int, operator.inputs), map(int, operator.outputs))
            operators.append(operator)
    graph.operators = operators[::-1]
    graph.inputs = [tensor for tensor in graph.inputs if tensor in needed]
    return needed


def _drop_empty(whole: Any, needed: set[int]) -> None:
    """Drop the weights of other parts, and what refers to them."""
    tensors = whole.subgraphs[0].tensors
    used = {tensors[tensor].buffer for tensor in needed if tensor >= 0}
    for number, buffer in enumerate(whole.buffers):
        if number not in used:
            buffer.data = None
    whole.metadata = whole.metadataBuffer = whole.signatureDefs = None
