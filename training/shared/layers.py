"""Layers that several networks are put together from."""

from typing import Any, TypeAlias

import numpy as np
from keras import layers
from numpy.typing import NDArray

Tensor: TypeAlias = Any
"""A keras.KerasTensor: the shapes of a network that is being put together."""
Statistics = NDArray[np.float32]

_MOMENTUM = 0.97
"""Of batch statistics: a few thousand clips make too few steps for Keras's 0.99."""


def standardised(pictures: Tensor, mean: Statistics, variance: Statistics) -> Tensor:
    """Take away the bands' means and divide by their deviations; Keras's own layer for it cannot be exported."""
    layer = layers.BatchNormalization(center=False, scale=False, trainable=False, name="standardised")
    result = layer(pictures)
    layer.set_weights([mean, variance])
    return result


def activated(x: Tensor) -> Tensor:
    """Normalise over the batch, and leave out what is negative."""
    return layers.ReLU()(normal(x))


def normal(x: Tensor) -> Tensor:
    """Normalise over the batch."""
    return layers.BatchNormalization(momentum=_MOMENTUM)(x)
