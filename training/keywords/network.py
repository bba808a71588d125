"""The networks: log-mel pictures in, a logit for each class out.

Each has a layer `embedding`: mean and standard deviation over time of what the last layer found, from which the classes
are told, and words that users add.
"""

from collections.abc import Callable
from dataclasses import dataclass

import keras
from keras import layers, ops

from training.keywords.blocks import attention_block, broadcast_block, classified, stem, temporal_block
from training.shared.layers import Statistics, activated, standardised


@dataclass(frozen=True)
class Resnet:
    """A residual network. The usual one has about 96,000 weights.

    Two stages see frequency and time (He et al. 2016, arXiv:1512.03385), then all frequencies become channels and
    three stages see time alone (Choi et al. 2019, arXiv:1904.03814), where a CPU is ten times as quick.
    """

    channels: int = 8
    """Of the first stage; the second has twice as many."""
    temporal_channels: int = 64

    def __call__(self, shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
        """Return the network; `mean` and `variance` are those of the bands."""
        pictures = keras.Input(shape)
        x = stem(standardised(pictures, mean, variance), self.channels)
        x = activated(layers.Conv1D(self.temporal_channels, 1, use_bias=False)(x))
        for _ in range(3):
            x = temporal_block(x, self.temporal_channels, 5)
        return keras.Model(pictures, classified(x, classes))


@dataclass(frozen=True)
class Attentive:
    """The first stages of the residual network, then self-attention over time. The usual one has about 88,000 weights.

    Layers as in Vaswani et al. 2017 (arXiv:1706.03762); their sense of place is a convolution, as in wav2vec 2.0
    (arXiv:2006.11477).
    """

    channels: int = 8
    width: int = 64
    depth: int = 2

    def __call__(self, shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
        """Return the network; `mean` and `variance` are those of the bands."""
        pictures = keras.Input(shape)
        x = stem(standardised(pictures, mean, variance), self.channels)
        x = activated(layers.Conv1D(self.width, 1, use_bias=False)(x))
        x = layers.Add()([x, activated(layers.DepthwiseConv1D(9, padding="same", use_bias=False)(x))])
        for _ in range(self.depth):
            x = attention_block(x, self.width)
        return keras.Model(pictures, classified(layers.LayerNormalization()(x), classes))


def bcresnet(shape: tuple[int, int], classes: int, mean: Statistics, variance: Statistics) -> keras.Model:
    """Return BC-ResNet-3 of about 60,000 weights (Kim et al. 2021, arXiv:2106.04140), halved in time at the start."""
    pictures = keras.Input(shape)
    x = ops.expand_dims(ops.transpose(standardised(pictures, mean, variance), (0, 2, 1)), -1)
    x = activated(layers.Conv2D(48, 5, strides=2, padding="same", use_bias=False)(x))
    for channels, blocks, stride, dilation in ((24, 2, 1, 1), (36, 2, 2, 1), (48, 4, 2, 2), (60, 4, 1, 4)):
        for block in range(blocks):
            x = broadcast_block(x, channels, stride if block == 0 else 1, dilation)
    x = ops.mean(layers.DepthwiseConv2D(5, padding="same", use_bias=False)(x), axis=1)
    return keras.Model(pictures, classified(activated(layers.Conv1D(80, 1, use_bias=False)(x)), classes))


Network = Callable[[tuple[int, int], int, Statistics, Statistics], keras.Model]
TEACHERS: dict[str, Network] = {
    "wide-resnet": Resnet(channels=16, temporal_channels=112),
    "wide-attentive": Attentive(channels=12, width=96, depth=3),
}
"""Larger ones, unlike each other, for a small one to learn from."""
NETWORKS: dict[str, Network] = {"resnet": Resnet(), "attentive": Attentive(), "bcresnet": bcresnet, **TEACHERS}
