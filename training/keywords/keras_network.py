"""A network of strangers built anew from its checked layers, and written as ONNX: Keras deserialises nothing."""

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import keras
import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from services.keywords.engines.onnx import INPUT, SCORES
from training.keywords.keras_files import KerasFile
from training.keywords.keras_layers import Checked, UnsafeModel, checked_layers

_MOST_WEIGHTS = 20_000_000
_MOST_DIFFERENCE = 1e-4
_TRIALS = 64
_SPREADS = np.geomspace(0.01, 300, _TRIALS)
"""Of the trials' pictures: up to that of MFCCs, and far less, as a score that is sure hides what differs."""


def build(file: KerasFile) -> keras.Model:
    """Return the network, with its weights: pictures (n, frames, bins, 1) to scores (n, labels). Raises UnsafeModel."""
    shape, checked = checked_layers(file.description)
    layers = [getattr(keras.layers, name)(**settings) for name, settings in checked]
    try:
        _require_modest(shape, layers)
        model = keras.Sequential([keras.Input(shape), *layers])
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Skipping variable loading for optimizer")  # nothing is trained here
            model.load_weights(file.weights)
    except (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
        raise UnsafeModel("Its weights do not fit its layers, or its layers each other.") from error
    _require_softmax(checked)
    return model


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


def _require_modest(shape: Sequence[int], layers: Sequence[keras.Layer]) -> None:
    """Raise UnsafeModel for layers with so many weights that to make them is an attack."""
    weights, sizes = 0, cast(tuple[int, ...], (None, *shape))
    for layer in layers:
        inner = math.prod(getattr(layer, "kernel_size", (1,))) * sizes[-1]
        sizes = layer.compute_output_shape(sizes)
        weights += inner * sizes[-1] if isinstance(layer, keras.layers.Dense | keras.layers.Conv2D) else 0
    if weights > _MOST_WEIGHTS:
        raise UnsafeModel(f"It has more than {_MOST_WEIGHTS:,} weights.")


def _require_softmax(checked: Sequence[Checked]) -> None:
    name, settings = checked[-1]
    if settings.get("activation") != "softmax":
        raise UnsafeModel(f"Its last layer, {name}, gives no probabilities: it has no softmax.")
