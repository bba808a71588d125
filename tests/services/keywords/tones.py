"""Sounds in which the fake engine, and the model of onnx_model.py, hear words."""

import numpy as np

from services.keywords.engines.fake import TONES_HZ
from shared.audio import Samples, Sound

RATE_HZ = 16_000
WORD_SECONDS = 0.5


def spoken(*parts: str | float, rate_hz: int = RATE_HZ) -> Sound:
    """Return words, each half a second of its tone, and silence of so many seconds: `spoken(1.0, "yes", 0.5)`."""
    return Sound(np.concatenate([_samples(part, rate_hz) for part in parts]), rate_hz)


def tone(hz: float, seconds: float, rate_hz: int = RATE_HZ) -> Samples:
    """Return a tone."""
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def noise(seconds: float, level: float = 0.1, seed: int = 1) -> Sound:
    """Return white noise, in which there is no word."""
    samples = np.random.default_rng(seed).normal(scale=level, size=round(seconds * RATE_HZ))
    return Sound(samples.clip(-1, 1).astype(np.float32), RATE_HZ)


def pcm(sound: Sound) -> bytes:
    """Return the sound as a websocket takes it."""
    return np.rint(sound.samples * 32_767).astype("<i2").tobytes()


def heard_after_pcm(sound: Sound) -> Samples:
    """Return the samples that arrive when `sound` is sent as 16-bit integers."""
    return np.frombuffer(pcm(sound), "<i2").astype(np.float32) / 32_768


def _samples(part: str | float, rate_hz: int) -> Samples:
    if isinstance(part, str):
        return tone(TONES_HZ[part], WORD_SECONDS, rate_hz)
    return np.zeros(round(part * rate_hz), np.float32)
