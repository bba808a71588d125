"""DeepSpeech's network: three dense layers, an LSTM, a dense layer, and a score for each letter."""

from collections.abc import Mapping

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from tensorflow import Tensor

from training.deepspeech.alphabet import BLANK
from training.deepspeech.features import COEFFICIENTS, CONTEXT

INPUTS = (2 * CONTEXT + 1) * COEFFICIENTS
OUTPUTS = BLANK + 1
_CLIP = 20.0
"""Most that a unit of a dense layer says."""

Weights = Mapping[str, Tensor]
State = tuple[Tensor, Tensor]


def shapes(hidden: int) -> dict[str, tuple[int, int]]:
    """Return the shapes of the layers' weights; each layer has a bias, too."""
    return {
        "layer_1": (INPUTS, hidden),
        "layer_2": (hidden, hidden),
        "layer_3": (hidden, hidden),
        "lstm": (2 * hidden, 4 * hidden),
        "layer_5": (hidden, hidden),
        "layer_6": (hidden, OUTPUTS),
    }


def first_weights(hidden: int, seed: int) -> dict[str, NDArray[np.float32]]:
    """Return weights to start from: uniform about zero, by the fan average; biases of zero."""
    chance = np.random.default_rng(seed)
    weights: dict[str, NDArray[np.float32]] = {}
    for name, (fan_in, fan_out) in shapes(hidden).items():
        limit = np.sqrt(6 / (fan_in + fan_out))
        weights[name] = chance.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)
        weights[f"{name}_bias"] = np.zeros(fan_out, np.float32)
    return weights


def network(windows: Tensor, state: State, weights: Weights, *, unrolled: bool) -> tuple[Tensor, State]:
    """Return the scores [steps, 29] of windows [steps, 494], and the state [1, hidden] each after them.

    `unrolled` is for runtimes that have no loops, and takes long to compile for many steps.
    """
    hidden = windows
    for name in ("layer_1", "layer_2", "layer_3"):
        hidden = _clipped(hidden, name, weights)
    states = (_unrolled if unrolled else _looped)(hidden[:, None], state, weights)
    cells, outputs = (tf.concat(each, axis=0) for each in states)
    return _dense(_clipped(outputs, "layer_5", weights), "layer_6", weights), (cells[-1:], outputs[-1:])


def _unrolled(inputs: Tensor, state: State, weights: Weights) -> tuple[list[Tensor], list[Tensor]]:
    states = [state := _lstm(state, inputs[step], weights) for step in range(inputs.shape[0])]
    cells, outputs = zip(*states, strict=True)
    return list(cells), list(outputs)


def _looped(inputs: Tensor, state: State, weights: Weights) -> tuple[list[Tensor], list[Tensor]]:
    cells, outputs = tf.scan(lambda state, each: _lstm(state, each, weights), inputs, state)
    return [cells[:, 0]], [outputs[:, 0]]


def _dense(inputs: Tensor, name: str, weights: Weights) -> Tensor:
    return tf.matmul(inputs, weights[name]) + weights[f"{name}_bias"]


def _clipped(inputs: Tensor, name: str, weights: Weights) -> Tensor:
    return tf.minimum(tf.nn.relu(_dense(inputs, name, weights)), _CLIP)


def _lstm(state: State, inputs: Tensor, weights: Weights) -> State:
    cell, output = state
    gates = _dense(tf.concat([inputs, output], axis=1), "lstm", weights)
    enter, fresh, keep, show = tf.split(gates, 4, axis=1)
    cell = tf.sigmoid(keep) * cell + tf.sigmoid(enter) * tf.tanh(fresh)
    return cell, tf.sigmoid(show) * tf.tanh(cell)
