"""A trained network as the graph that services/keywords serves: `python -m training.keywords.export RUN`.

Pictures in; calibrated scores of the served labels, and embeddings, out.
"""

from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from training.keywords.blocks import EMBEDDING
from training.keywords.calibrate import Calibration
from training.keywords.data import Classes
from training.shared.graphs import run_graph, write_graph

INPUT, OUTPUTS = "pictures", ("scores", "embeddings")


def export(network: keras.Model, classes: Classes, calibration: Calibration, path: Path) -> None:
    """Write the graph. Raises ValueError where it does not say what the network says."""
    write_graph(_served(network, classes, calibration), path, INPUT, OUTPUTS)


def hear(path: Path, pictures: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return scores and embeddings of pictures, as the service computes them."""
    scores, embeddings = run_graph(path, {INPUT: pictures}, OUTPUTS)
    return scores, embeddings


def _served(network: keras.Model, classes: Classes, calibration: Calibration) -> keras.Model:
    """Put what stands behind the logits into the network."""
    pictures = keras.Input(network.input_shape[1:], name=INPUT)
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
