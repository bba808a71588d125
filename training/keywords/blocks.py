"""What the networks are put together from."""

from keras import layers, ops

from training.shared.layers import Tensor, activated, normal

EMBEDDING = "embedding"


def stem(x: Tensor, channels: int) -> Tensor:
    """See frequency and time in two stages: [n, frames, bands] to [n, frames / 4, channels x bands / 2]."""
    x = layers.Reshape((*x.shape[1:], 1))(x)
    x = activated(layers.Conv2D(channels, 5, strides=2, padding="same", use_bias=False)(x))
    x = block(block(x, channels, stride=1), 2 * channels, stride=2)
    return layers.Reshape((x.shape[1], x.shape[2] * x.shape[3]))(x)


def block(x: Tensor, channels: int, stride: int) -> Tensor:
    """Two convolutions over frequency and time, beside a way past them."""
    y = activated(layers.Conv2D(channels, 3, strides=stride, padding="same", use_bias=False)(x))
    y = normal(layers.Conv2D(channels, 3, padding="same", use_bias=False)(y))
    if stride > 1:
        x = activated(layers.Conv2D(channels, 1, strides=stride, use_bias=False)(x))
    return layers.ReLU()(layers.Add()([x, y]))


def temporal_block(x: Tensor, channels: int, frames: int) -> Tensor:
    """Add a convolution over time, and a mixing of channels."""
    y = activated(layers.Conv1D(channels, frames, padding="same", use_bias=False)(x))
    y = normal(layers.Conv1D(channels, 1, use_bias=False)(y))
    return layers.ReLU()(layers.Add()([x, y]))


def attention_block(x: Tensor, width: int) -> Tensor:
    """Add what self-attention finds, then what a layer makes of each frame; of a learned norm each."""
    y = layers.LayerNormalization()(x)
    y = layers.MultiHeadAttention(4, width // 4, dropout=0.1)(y, y)
    x = layers.Add()([x, layers.Dropout(0.1)(y)])
    y = layers.Dense(2 * width, "silu")(layers.LayerNormalization()(x))
    return layers.Add()([x, layers.Dropout(0.1)(layers.Dense(width)(y))])


def broadcast_block(x: Tensor, channels: int, stride: int, dilation: int) -> Tensor:
    """Add what one-dimensional convolutions over time find in the mean over frequency to what each frequency has."""
    is_transition = x.shape[-1] != channels
    y = activated(layers.Conv2D(channels, 1, use_bias=False)(x)) if is_transition else x
    y = layers.DepthwiseConv2D((3, 1), padding="same", use_bias=False)(y)
    y = normal(layers.AveragePooling2D((stride, 1))(y) if stride > 1 else y)
    z = ops.mean(y, axis=1, keepdims=True)
    z = layers.DepthwiseConv2D((1, 3), dilation_rate=(1, dilation), padding="same", use_bias=False)(z)
    z = layers.Conv2D(channels, 1, use_bias=False)(ops.silu(normal(z)))
    y = y + layers.SpatialDropout2D(0.1)(z)
    return layers.ReLU()(y if is_transition else y + x)


def classified(x: Tensor, classes: int) -> Tensor:
    """Return the logits of frames [n, frames, channels]."""
    mean = ops.mean(x, axis=1, keepdims=True)
    deviation = ops.sqrt(ops.mean(ops.square(x - mean), axis=1) + 1e-5)
    embedding = layers.Concatenate(name=EMBEDDING)([ops.squeeze(mean, axis=1), deviation])
    return layers.Dense(classes)(layers.Dropout(0.2)(embedding))
