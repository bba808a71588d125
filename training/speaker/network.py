"""The network: frames in; how likely speech is at each step, and whose voice it is, out. About 160,000 weights."""

from dataclasses import dataclass

import keras
from keras import layers, ops

from services.speaker.windows import STEP_FRAMES
from training.shared.layers import Statistics, Tensor, activated, normal, standardised
from training.speaker.targets import YEARS

OUTPUTS = ("gender", "age", "years", "several", "speech")


@dataclass(frozen=True)
class VoiceNetwork:
    """Blocks of convolutions over time, each beside a way past it; then the mean and deviation of what is speech."""

    width: int = 64
    dense: int = 128
    dilations_before_speech: tuple[int, ...] = (1, 2)
    dilations_after_speech: tuple[int, ...] = (4, 1, 2)

    def __call__(self, window_frames: int, mean: Statistics, variance: Statistics) -> keras.Model:
        """Return the network of `OUTPUTS`, for windows of so many frames; `mean` and `variance` are those of the bins.

        gender (n, 1): logit of a woman's voice; age (n, years): logits; years (n, 1); several (n, 1): logit of more
        than one voice; speech (n, steps): logits.
        """
        frames = keras.Input((window_frames, len(mean)), name="frames")
        x = standardised(frames, mean, variance)
        x = activated(layers.Conv1D(self.width, 5, strides=STEP_FRAMES, padding="same", use_bias=False)(x))
        for dilation in self.dilations_before_speech:
            x = _block(x, dilation)
        speech = layers.Dense(1)(layers.Conv1D(16, 5, padding="same", activation="relu")(x))
        for dilation in self.dilations_after_speech:
            x = _block(x, dilation)
        voice = layers.Dense(self.dense, "relu")(layers.Dropout(0.3)(normal(_pooled(x, speech))))
        return keras.Model(
            frames, _heads(layers.Dropout(0.3)(voice)) | {"speech": layers.Flatten(name="speech")(speech)}
        )


def _block(x: Tensor, dilation: int) -> Tensor:
    """Add what a convolution over time finds in each channel, and then a layer in all of them."""
    width = x.shape[-1]
    y = layers.DepthwiseConv1D(5, dilation_rate=dilation, padding="same", use_bias=False)(x)
    y = layers.Conv1D(2 * width, 1, activation="relu")(normal(y))
    return layers.Add()([x, normal(layers.Conv1D(width, 1, use_bias=False)(y))])


def _pooled(x: Tensor, speech: Tensor) -> Tensor:
    """Return the mean and deviation over time of what the network attends to: nothing but speech.

    Attentive statistics pooling: Okabe et al. 2018, arXiv:1803.10963.
    """
    attention = layers.Dense(1)(layers.Dense(32, "tanh")(x)) + 2 * ops.log(ops.sigmoid(speech) + 1e-3)
    weights = ops.softmax(attention, axis=1)
    mean = ops.sum(weights * x, axis=1)
    variance = ops.sum(weights * ops.square(x), axis=1) - ops.square(mean)
    return layers.Concatenate()([mean, ops.sqrt(ops.maximum(variance, 1e-5))])


def _heads(voice: Tensor) -> dict[str, Tensor]:
    age = layers.Dense(len(YEARS), name="age")(voice)
    years = ops.sum(ops.softmax(age) * YEARS, axis=-1, keepdims=True)
    return {
        "gender": layers.Dense(1, name="gender")(voice),
        "age": age,
        "years": layers.Identity(name="years")(years),
        "several": layers.Dense(1, name="several")(voice),
    }
