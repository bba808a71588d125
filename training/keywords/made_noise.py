"""Noise for folders of words that bring none: white, pink and brown, as quiet as a room and as loud as a street."""

from collections.abc import Iterator

import numpy as np

from training.keywords.clips import SAMPLE_RATE_HZ, Told
from training.keywords.folders import NOISE, Recording
from training.shared.sounds import Numbers, Outcome, Samples, numbers

_SECONDS = 20
_SLOPES = {"white": 0.0, "pink": 0.5, "brown": 1.0}
"""Amplitudes fall with this power of the frequency."""
_LEVELS_DECIBELS = (-60, -45, -30)
"""Loudness, below full scale."""
_LOWEST_HZ = 20.0


def made_noise() -> Iterator[tuple[Recording, tuple[Numbers, Told]]]:
    """Yield recordings that nobody made, the same ones each time, each with its 16-bit numbers."""
    chance = np.random.default_rng(0)
    for colour, slope in _SLOPES.items():
        for decibels in _LEVELS_DECIBELS:
            name = f"made/{colour}{decibels}"
            recording = Recording(folder="", file=name, word=NOISE, speaker=name, split="train", text="")
            yield recording, (numbers(_coloured(slope, decibels, chance)), Told(Outcome.WHOLE))


def _coloured(slope: float, decibels: float, chance: np.random.Generator) -> Samples:
    count = _SECONDS * SAMPLE_RATE_HZ
    frequencies_hz = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE_HZ), _LOWEST_HZ)
    samples = np.fft.irfft(np.fft.rfft(chance.standard_normal(count)) / frequencies_hz**slope, count)
    loudness = 10 ** (decibels / 20)
    return np.asarray(samples * loudness / np.sqrt(np.mean(np.square(samples))), np.float32)
