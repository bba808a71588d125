"""A trained network as the graph that services/speaker serves, calibrated outside of it."""

from functools import partial
from pathlib import Path

import keras
import numpy as np
from keras import ops

from services.speaker.engine import Heard
from training.shared.graphs import run_graph, write_graph
from training.speaker.judging import Network, Numbers

INPUT = "frames"


def outputs_of(task: str) -> tuple[str, str, str]:
    """Return the names of the graph's outputs, in the order of `Heard`."""
    return "speech", "several", task


def export(network: keras.Model, task: str, path: Path) -> None:
    """Write the graph. Raises ValueError where it does not say what the network says."""
    write_graph(served(network, task), path, INPUT, outputs_of(task))


def served(network: keras.Model, task: str) -> keras.Model:
    """Return the network without what only training needs: `frames` to speech, several, and gender or age."""
    said = network(network.input)
    answers = {"gender": lambda: said["gender"][:, 0], "age": lambda: ops.softmax(said["age"])}
    outputs = [ops.sigmoid(said["speech"]), ops.sigmoid(said["several"])[:, 0], answers[task]()]
    return keras.Model(network.input, outputs)


def trained(network: keras.Model, task: str) -> Network:
    """Return how a network in memory is asked."""
    return partial(_ask_keras, served(network, task))


def exported(path: Path, task: str) -> Network:
    """Return how a graph is asked."""
    return partial(_ask_graph, path, task)


def _ask_keras(network: keras.Model, windows: Numbers) -> Heard:
    return Heard(*(np.asarray(each, np.float32) for each in network.predict(windows, batch_size=64, verbose=0)))


def _ask_graph(path: Path, task: str, windows: Numbers) -> Heard:
    return Heard(*run_graph(path, {INPUT: windows}, outputs_of(task)))
