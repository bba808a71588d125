"""A network of strangers built anew from its checked layers: Keras deserialises nothing."""

import math
import warnings
from collections.abc import Sequence
from typing import cast

import keras

from training.shared.keras_files import KerasFile
from training.shared.keras_layers import UnsafeModel, checked_layers

_MOST_WEIGHTS = 20_000_000


def build(file: KerasFile) -> keras.Model:
    """Return the network, with its weights. Raises UnsafeModel."""
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
    return model


def last_activation(model: keras.Model) -> str:
    """Return the name of the function that makes the network's output, "linear" where there is none."""
    activation = getattr(model.layers[-1], "activation", None)
    return activation.__name__ if activation else "linear"


def _require_modest(shape: Sequence[int], layers: Sequence[keras.Layer]) -> None:
    """Raise UnsafeModel for layers with so many weights that to make them is an attack."""
    weights, sizes = 0, cast(tuple[int, ...], (None, *shape))
    for layer in layers:
        inner = math.prod(getattr(layer, "kernel_size", (1,))) * sizes[-1]
        sizes = layer.compute_output_shape(sizes)
        weights += inner * sizes[-1] if isinstance(layer, keras.layers.Dense | keras.layers.Conv2D) else 0
    if weights > _MOST_WEIGHTS:
        raise UnsafeModel(f"It has more than {_MOST_WEIGHTS:,} weights.")
