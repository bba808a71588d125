"""A trained network as the graph that services/keywords serves: `python -m training.keywords.export RUN`.

Pictures in; calibrated scores of the served labels, and embeddings, out.
"""

from pathlib import Path

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from training.keywords.blocks import EMBEDDING
from training.keywords.calibrate import Calibration
from training.keywords.data import Classes

OUTPUTS = ("scores", "embeddings")
MOST_DIFFERENCE = 1e-4


def export(network: keras.Model, classes: Classes, calibration: Calibration, path: Path) -> None:
    """Write the graph. Raises ValueError where it does not say what the network says."""
    served = _served(network, classes, calibration)
    served(np.zeros((1, *network.input_shape[1:]), np.float32))  # Keras exports no model that was never called
    served.export(path, format="onnx", verbose=False)
    onnx.save(_named(onnx.load(path)), path)
    _require_equal(served, path)


def hear(path: Path, pictures: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return scores and embeddings of pictures, as the service computes them."""
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    blocks = [
        session.run(OUTPUTS, {"pictures": pictures[start : start + 256]}) for start in range(0, len(pictures), 256)
    ]
    scores, embeddings = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
    return scores, embeddings


def _served(network: keras.Model, classes: Classes, calibration: Calibration) -> keras.Model:
    """Put what stands behind the logits into the network."""
    pictures = keras.Input(network.input_shape[1:], name="pictures")
    inside = keras.Model(network.input, [network.output, network.get_layer(EMBEDDING).output])
    logits, embeddings = inside(pictures)
    count = len(classes.inner)
    scaled = keras.layers.Dense(count, name="calibration")(logits)
    scores = keras.layers.Dense(len(classes.labels), use_bias=False, name="folding")(keras.layers.Softmax()(scaled))
    model = keras.Model(pictures, [scores, embeddings])
    temperature = np.float32(calibration.temperature)
    model.get_layer("calibration").set_weights([np.eye(count) / temperature, calibration.bias(classes) / temperature])
    model.get_layer("folding").set_weights([classes.folding])
    return model


def _named(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Give the graph's outputs the names that the service asks for."""
    for output, name in zip(graph.graph.output, OUTPUTS, strict=True):
        graph.graph.node.append(onnx.helper.make_node("Identity", [output.name], [name]))
        output.name = name
    graph.graph.input[0].name, old = "pictures", graph.graph.input[0].name
    for node in graph.graph.node:
        node.input[:] = ["pictures" if one == old else one for one in node.input]
    onnx.checker.check_model(graph)
    return graph


def _require_equal(network: keras.Model, path: Path) -> None:
    pictures = np.random.default_rng(0).normal(-6, 4, (16, *network.input_shape[1:])).astype(np.float32)
    expected = [np.asarray(output) for output in network(pictures, training=False)]
    difference = max(float(np.abs(a - b).max()) for a, b in zip(expected, hear(path, pictures), strict=True))
    if difference > MOST_DIFFERENCE:
        raise ValueError(f"the exported graph differs from the network by {difference:g}")
