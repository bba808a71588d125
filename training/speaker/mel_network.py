"""A network of strangers on mean mel power, written as the ONNX file that services/speaker serves by its engine mel."""

from pathlib import Path

import keras
from keras import ops

from services.speaker.engines.mel import POWER
from services.speaker.engines.onnx import VOICES
from services.speaker.mel import MelMean
from training.shared import keras_network
from training.shared.graphs import write_graph
from training.shared.keras_files import KerasFile
from training.shared.keras_layers import UnsafeModel
from training.speaker.scores import Scores


def write_network(file: KerasFile, scores: Scores, path: Path) -> int:
    """Write `power` (n, bands) to `gender` (n) or `age` (n, years); return how many weights it has.

    Raises UnsafeModel.
    """
    network = keras_network.build(file)
    _require_fit(network, scores)
    try:
        write_graph(_served(network, scores), path, POWER, [VOICES[scores.task]])
    except ValueError as error:
        raise UnsafeModel("As ONNX it does not say what it says in Keras.") from error
    return int(network.count_params())


def _require_fit(network: keras.Model, scores: Scores) -> None:
    bands, outputs, last = MelMean().bands, len(scores.weights), keras_network.last_activation(network)
    if network.input_shape[1:] != (bands,):
        raise UnsafeModel(f"Its input is {network.input_shape[1:]}, not {(bands,)}: mean power in mel bands.")
    if network.output_shape != (None, outputs):
        raise UnsafeModel(f"Its output is {network.output_shape[1:]}, not {(outputs,)}: a score for each label.")
    if last != scores.activation:
        raise UnsafeModel(f"Its last layer has {last}, no {scores.activation}, which scores of these labels have.")


def _served(network: keras.Model, scores: Scores) -> keras.Model:
    if scores.are_taken_as_logits:
        network.layers[-1].activation = keras.activations.linear
    power = keras.Input(network.input_shape[1:], name=POWER)
    return keras.Model(power, [ops.matmul(network(power), scores.weights)])
