"""Networks as ONNX files that say the same."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

MOST_DIFFERENCE = 1e-4
"""Of numbers up to 1; as a share of larger ones."""
_BLOCK_ROWS = 256
_TRIALS = 16

Numbers = NDArray[np.float32]


def write_graph(network: keras.Model, path: Path, input_name: str, outputs: Sequence[str]) -> None:
    """Write a network of one input, its outputs named in their order. Raises ValueError where the graph differs."""
    network(np.zeros((1, *network.input_shape[1:]), np.float32))  # Keras exports no model that was never called
    network.export(path, format="onnx", verbose=False)
    onnx.save(_named(onnx.load(path), input_name, outputs), path)
    _require_equal(network, path, input_name, outputs)


def run_graph(path: Path, inputs: Mapping[str, Numbers], outputs: Sequence[str]) -> list[Numbers]:
    """Return the outputs for rows of inputs, a block at a time."""
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    rows = len(next(iter(inputs.values())))
    blocks = [
        session.run(outputs, {name: numbers[start : start + _BLOCK_ROWS] for name, numbers in inputs.items()})
        for start in range(0, rows, _BLOCK_ROWS)
    ]
    return [np.concatenate(parts) for parts in zip(*blocks, strict=True)]


def _named(graph: onnx.ModelProto, input_name: str, outputs: Sequence[str]) -> onnx.ModelProto:
    for output, name in zip(graph.graph.output, outputs, strict=True):
        graph.graph.node.append(onnx.helper.make_node("Identity", [output.name], [name]))
        output.name = name
    graph.graph.input[0].name, old = input_name, graph.graph.input[0].name
    for node in graph.graph.node:
        node.input[:] = [input_name if one == old else one for one in node.input]
    onnx.checker.check_model(graph)
    return graph


def _require_equal(network: keras.Model, path: Path, input_name: str, outputs: Sequence[str]) -> None:
    trials = np.random.default_rng(0).normal(-6, 4, (_TRIALS, *network.input_shape[1:])).astype(np.float32)
    answers = keras.tree.flatten(network(trials, training=False))  # of one output it makes no list
    expected = [np.asarray(answer) for answer in answers]
    said = run_graph(path, {input_name: trials}, outputs)
    difference = max(_difference(a, b) for a, b in zip(expected, said, strict=True))
    if not difference <= MOST_DIFFERENCE:
        raise ValueError(f"the exported graph differs from the network by {difference:g}")


def _difference(expected: Numbers, said: Numbers) -> float:
    return float((np.abs(expected - said) / np.maximum(1, np.abs(expected))).max())
