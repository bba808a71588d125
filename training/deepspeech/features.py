"""MFCCs as DeepSpeech 0.9 computes them, by TensorFlow's own operations: the exported model holds the same ones."""

import tensorflow as tf
from tensorflow import Tensor

SAMPLE_RATE_HZ = 16_000
WINDOW_MS, STEP_MS = 32, 20
WINDOW_SAMPLES, STEP_SAMPLES = (SAMPLE_RATE_HZ * each // 1000 for each in (WINDOW_MS, STEP_MS))
COEFFICIENTS = 26
CONTEXT = 9
"""Frames before and after the one that a step is about."""


def mfccs_of(samples: Tensor) -> Tensor:
    """Return the frames of sound [n] within [-1, 1], as [frames, 26]."""
    spectrogram = tf.raw_ops.AudioSpectrogram(
        input=tf.expand_dims(samples, -1), window_size=WINDOW_SAMPLES, stride=STEP_SAMPLES, magnitude_squared=True
    )
    mfccs = tf.raw_ops.Mfcc(
        spectrogram=spectrogram,
        sample_rate=SAMPLE_RATE_HZ,
        upper_frequency_limit=SAMPLE_RATE_HZ / 2,
        dct_coefficient_count=COEFFICIENTS,
    )
    return tf.reshape(mfccs, [-1, COEFFICIENTS])


def windows_of(samples: Tensor) -> Tensor:
    """Return for each frame the 19 about it, with silence beyond the ends: [frames, 494]."""
    frames = tf.pad(mfccs_of(samples), [[CONTEXT, CONTEXT], [0, 0]])
    windows = tf.signal.frame(frames, 2 * CONTEXT + 1, 1, axis=0)
    return tf.reshape(windows, [-1, (2 * CONTEXT + 1) * COEFFICIENTS])
