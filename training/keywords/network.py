"""The networks: log-mel pictures in, a logit for each class out."""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

EMBEDDING = "embedding"
"""Name of the layer whose output is what the network made of the sound before it chose a word."""
_WIDTH = 24

Statistics = NDArray[np.float32]


def resnet(shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
    """Return a residual network of about 72,000 weights; `mean` and `variance` are those of the bands.

    Pictures are halved in both directions at the start and at each stage but the first, as in ResNet (He et al. 2016,
    arXiv:1512.03385); convolutions that mix all channels take less of a CPU's time than depthwise ones of fewer steps.
    """
    pictures = keras.Input(shape)
    normal = layers.Normalization(axis=-1, mean=mean, variance=variance)(pictures)
    x = _convolved(layers.Reshape((*shape, 1))(normal), _WIDTH, 3, stride=2)
    for stage, channels in enumerate((_WIDTH, _WIDTH * 3 // 2, _WIDTH * 2)):
        x = _residual(x, channels, stride=1 if stage == 0 else 2)
    embedding = layers.GlobalAveragePooling2D(name=EMBEDDING)(x)
    return keras.Model(pictures, layers.Dense(classes)(layers.Dropout(0.2)(embedding)))


def _residual(x: keras.KerasTensor, channels: int, stride: int) -> keras.KerasTensor:
    y = _convolved(x, channels, 3, stride)
    y = layers.BatchNormalization()(layers.Conv2D(channels, 3, padding="same", use_bias=False)(y))
    if stride > 1:
        x = layers.BatchNormalization()(layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([x, y]))


def _convolved(x: keras.KerasTensor, channels: int, size: int, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(channels, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.ReLU()(layers.BatchNormalization()(x))


Network = Callable[[tuple[int, int], int, Statistics, Statistics], keras.Model]
NETWORKS: dict[str, Network] = {"resnet": resnet}
