"""A network of strangers written as the ONNX file that services/keywords serves."""

from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from services.keywords.engines.onnx import INPUT, SCORES
from training.shared.keras_layers import UnsafeModel

_MOST_DIFFERENCE = 1e-4
_TRIALS = 64
_SPREADS = np.geomspace(0.01, 300, _TRIALS)
"""Of the trials' pictures: up to that of MFCCs, and far less, as a score that is sure hides what differs."""


def export(model: keras.Model, target: Path) -> None:
    """Write the network as one ONNX file: `pictures` (n, frames, bins) to `scores` (n, labels). Raises UnsafeModel."""
    pictures = keras.Input(model.input_shape[1:-1], name=INPUT)
    scores = model(keras.layers.Reshape(model.input_shape[1:])(pictures))
    network = keras.Model(pictures, scores)
    network(np.zeros((1, *pictures.shape[1:]), np.float32))  # Keras exports what has been called once
    network.export(target, format="onnx", verbose=False)
    graph = onnx.load(target)
    _rename_output(graph.graph, SCORES)
    onnx.checker.check_model(graph, full_check=True)
    onnx.save(graph, target)
    difference = _difference(model, target)
    if not difference <= _MOST_DIFFERENCE:
        raise UnsafeModel(f"Its scores as ONNX differ by {difference:.2g} from those of Keras.")


def _difference(model: keras.Model, target: Path) -> float:
    """Return the largest difference of a score between Keras and ONNX, on random pictures."""
    shape = (_TRIALS, *model.input_shape[1:-1])
    noise = np.random.default_rng(1).normal(0, 1, shape)
    pictures: NDArray[np.float32] = (noise * _SPREADS[:, None, None]).astype(np.float32)
    session = onnxruntime.InferenceSession(target.read_bytes(), providers=["CPUExecutionProvider"])
    (scores,) = session.run([SCORES], {INPUT: pictures})
    return float(np.abs(scores - model.predict(pictures[..., None], verbose=0)).max())


def _rename_output(graph: onnx.GraphProto, name: str) -> None:
    (output,) = graph.output
    for node in graph.node:
        node.output[:] = [name if made == output.name else made for made in node.output]
    output.name = name
