"""The networks: log-mel pictures in, a logit for each class out.

Each has a layer `embedding`: mean and standard deviation over time of what the last layer found, from which the classes
are told, and words that users add.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

EMBEDDING = "embedding"

Tensor: TypeAlias = Any
"""A keras.KerasTensor: the shapes of a network that is being put together."""
Statistics = NDArray[np.float32]

_MOMENTUM = 0.97
"""Of batch statistics: a few thousand clips make too few steps for Keras's 0.99."""


@dataclass(frozen=True)
class Resnet:
    """A residual network. The usual one has about 76,000 weights.

    Two stages see frequency and time (He et al. 2016, arXiv:1512.03385), then all frequencies become channels and
    three stages see time alone (Choi et al. 2019, arXiv:1904.03814), where a CPU is ten times as quick.
    """

    channels: int = 8
    """Of the first stage; the second has twice as many."""
    temporal_channels: int = 56

    def __call__(self, shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
        """Return the network; `mean` and `variance` are those of the bands."""
        pictures = keras.Input(shape)
        x = _stem(_standardised(pictures, mean, variance), self.channels)
        x = _activated(layers.Conv1D(self.temporal_channels, 1, use_bias=False)(x))
        for _ in range(3):
            x = _temporal_block(x, self.temporal_channels, 5)
        return keras.Model(pictures, _classified(x, classes))


@dataclass(frozen=True)
class Temporal:
    """Convolutions over time alone, with the frequencies as channels from the start (Choi et al. 2019)."""

    channels: tuple[int, ...] = (48, 72, 96, 120)

    def __call__(self, shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
        """Return the network; `mean` and `variance` are those of the bands."""
        pictures = keras.Input(shape)
        x = _activated(layers.Conv1D(32, 3, padding="same", use_bias=False)(_standardised(pictures, mean, variance)))
        for channels in self.channels:
            y = _activated(layers.Conv1D(channels, 9, strides=2, padding="same", use_bias=False)(x))
            y = _normal(layers.Conv1D(channels, 9, padding="same", use_bias=False)(y))
            x = layers.Add()([_normal(layers.Conv1D(channels, 1, strides=2, use_bias=False)(x)), y])
            x = layers.ReLU()(x)
        return keras.Model(pictures, _classified(x, classes))


@dataclass(frozen=True)
class Attentive:
    """The first stages of the residual network, then layers of self-attention (Vaswani et al. 2017,
    arXiv:1706.03762) whose sense of place is a convolution (as in wav2vec 2.0, arXiv:2006.11477)."""

    channels: int = 12
    width: int = 96
    depth: int = 3

    def __call__(self, shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
        """Return the network; `mean` and `variance` are those of the bands."""
        pictures = keras.Input(shape)
        x = _stem(_standardised(pictures, mean, variance), self.channels)
        x = _activated(layers.Conv1D(self.width, 1, use_bias=False)(x))
        x = layers.Add()([x, _activated(layers.DepthwiseConv1D(9, padding="same", use_bias=False)(x))])
        for _ in range(self.depth):
            x = _attention_block(x, self.width)
        return keras.Model(pictures, _classified(layers.LayerNormalization()(x), classes))


def bcresnet(shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
    """Return BC-ResNet-3 of about 60,000 weights (Kim et al. 2021, arXiv:2106.04140), halved in time at the start."""
    pictures = keras.Input(shape)
    x = ops.expand_dims(ops.transpose(_standardised(pictures, mean, variance), (0, 2, 1)), -1)
    x = _activated(layers.Conv2D(48, 5, strides=2, padding="same", use_bias=False)(x))
    for channels, blocks, stride, dilation in ((24, 2, 1, 1), (36, 2, 2, 1), (48, 4, 2, 2), (60, 4, 1, 4)):
        for block in range(blocks):
            x = _broadcast_block(x, channels, stride if block == 0 else 1, dilation)
    x = ops.mean(layers.DepthwiseConv2D(5, padding="same", use_bias=False)(x), axis=1)
    return keras.Model(pictures, _classified(_activated(layers.Conv1D(80, 1, use_bias=False)(x)), classes))


def _standardised(pictures: Tensor, mean: Statistics, variance: Statistics) -> Tensor:
    """Take away the bands' means and divide by their deviations; Keras's own layer for it cannot be exported."""
    layer = layers.BatchNormalization(center=False, scale=False, trainable=False, name="standardised")
    standardised = layer(pictures)
    layer.set_weights([mean, variance])
    return standardised


def _stem(x: Tensor, channels: int) -> Tensor:
    """See frequency and time in two stages: [n, frames, bands] to [n, frames / 4, channels x bands / 2]."""
    x = layers.Reshape((*x.shape[1:], 1))(x)
    x = _activated(layers.Conv2D(channels, 5, strides=2, padding="same", use_bias=False)(x))
    x = _block(_block(x, channels, stride=1), 2 * channels, stride=2)
    return layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)


def _block(x: Tensor, channels: int, stride: int) -> Tensor:
    y = _activated(layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x))
    y = _normal(layers.Conv2D(channels, 3, padding="same", use_bias=False)(y))
    if stride > 1:
        x = _activated(layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([x, y]))


def _temporal_block(x: Tensor, channels: int, frames: int) -> Tensor:
    y = _activated(layers.Conv1D(channels, frames, padding="same", use_bias=False)(x))
    y = _normal(layers.Conv1D(channels, 1, use_bias=False)(y))
    return layers.ReLU()(layers.Add()([x, y]))


def _attention_block(x: Tensor, width: int) -> Tensor:
    y = layers.LayerNormalization()(x)
    y = layers.MultiHeadAttention(4, width // 4, dropout=0.1)(y, y)
    x = layers.Add()([x, layers.Dropout(0.1)(y)])
    y = layers.Dense(2 * width, "gelu")(layers.LayerNormalization()(x))
    return layers.Add()([x, layers.Dropout(0.1)(layers.Dense(width)(y))])


def _broadcast_block(x: Tensor, channels: int, stride: int, dilation: int) -> Tensor:
    """Add what one-dimensional convolutions over time find in the mean over frequency to what each frequency has."""
    is_transition = x.shape[-1] != channels
    y = _activated(layers.Conv2D(channels, 1, use_bias=False)(x)) if is_transition else x
    y = layers.DepthwiseConv2D((3, 1), padding="same", use_bias=False)(y)
    y = _normal(layers.AveragePooling2D((stride, 1))(y) if stride > 1 else y)
    z = ops.mean(y, axis=1, keepdims=True)
    z = layers.DepthwiseConv2D((1, 3), dilation_rate=(1, dilation), padding="same", use_bias=False)(z)
    z = layers.Conv2D(channels, 1, use_bias=False)(ops.silu(_normal(z)))
    y = y + layers.SpatialDropout2D(0.1)(z)
    return layers.ReLU()(y if is_transition else y + x)


def _activated(x: Tensor) -> Tensor:
    return layers.ReLU()(_normal(x))


def _normal(x: Tensor) -> Tensor:
    return layers.BatchNormalization(momentum=_MOMENTUM)(x)


def _classified(x: Tensor, classes: int) -> Tensor:
    """Return the logits of frames [n, frames, channels]."""
    mean = ops.mean(x, axis=1, keepdims=True)
    deviation = ops.sqrt(ops.mean(ops.square(x - mean), axis=1) + 1e-5)
    embedding = layers.Concatenate(name=EMBEDDING)([ops.squeeze(mean, axis=1), deviation])
    return layers.Dense(classes)(layers.Dropout(0.2)(embedding))


Network = Callable[[tuple[int, int], int, Statistics, Statistics], keras.Model]
TEACHERS: dict[str, Network] = {
    "wide": Resnet(channels=16, temporal_channels=112),
    "temporal": Temporal(),
    "attentive": Attentive(),
}
"""Larger ones, as unlike each other as may be, for a small one to learn from."""
NETWORKS: dict[str, Network] = {"resnet": Resnet(), "bcresnet": bcresnet, **TEACHERS}
