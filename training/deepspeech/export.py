"""The trained weights as DeepSpeech 0.9's .tflite file, with the same inputs, outputs and metadata.

Inputs: input_node [1, 16, 19, 26], previous_state_c and previous_state_h [1, hidden], input_samples [512]. Outputs:
logits [16, 29] (probabilities, despite the name), new_state_c, new_state_h, mfccs [1, 26], and the constants metadata_*.
Mozilla's own runtime finds them by these names (create_inference_graph and export in DeepSpeech's train.py).
"""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow import Tensor

from training.deepspeech.alphabet import serialised
from training.deepspeech.features import (
    COEFFICIENTS,
    CONTEXT,
    SAMPLE_RATE_HZ,
    STEP_MS,
    WINDOW_MS,
    WINDOW_SAMPLES,
    mfccs_of,
)
from training.deepspeech.network import INPUTS, network

STEPS = 16
"""Frames that a call takes."""
GRAPH_VERSION = 6
"""That of DeepSpeech 0.9."""
BEAM_WIDTH = 500

_v1 = tf.compat.v1


def tflite_of(weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Return the model, its larger weights as 8-bit numbers."""
    graph = tf.Graph()
    with graph.as_default(), _v1.Session(graph=graph) as session:
        inputs, outputs = _graph(weights)
        # Of the converters only this one keeps the names of v1 graphs, which DeepSpeech's runtimes look for.
        converter = _v1.lite.TFLiteConverter.from_session(session, inputs, outputs)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.allow_custom_ops = True  # AudioSpectrogram and Mfcc, which every TFLite runtime has
        model: bytes = converter.convert()
    return model


def _graph(weights: Mapping[str, NDArray[np.float32]]) -> tuple[list[Tensor], list[Tensor]]:
    constants = {name: tf.constant(weight) for name, weight in weights.items()}
    cells = len(weights["layer_5"])
    samples = _v1.placeholder(tf.float32, [WINDOW_SAMPLES], "input_samples")
    windows = _v1.placeholder(tf.float32, [1, STEPS, 2 * CONTEXT + 1, COEFFICIENTS], "input_node")
    state = tuple(_v1.placeholder(tf.float32, [1, cells], f"previous_state_{name}") for name in "ch")
    scores, after = network(tf.reshape(windows, [STEPS, INPUTS]), state, constants, unrolled=True)
    outputs = [
        tf.nn.softmax(scores, name="logits"),
        *(tf.identity(each, f"new_state_{name}") for each, name in zip(after, "ch", strict=True)),
        tf.identity(mfccs_of(samples), "mfccs"),
        *_metadata(),
    ]
    return [windows, *state, samples], outputs


def _metadata() -> list[Tensor]:
    said = {
        "version": GRAPH_VERSION,
        "sample_rate": SAMPLE_RATE_HZ,
        "feature_win_len": WINDOW_MS,
        "feature_win_step": STEP_MS,
        "beam_width": BEAM_WIDTH,
        "alphabet": serialised(),
        "language": b"en-US",
    }
    return [tf.constant([value], name=f"metadata_{name}") for name, value in said.items()]
