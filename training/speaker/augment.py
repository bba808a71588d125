"""Variation that a recording of a voice might have had: a room, a line's band or a microphone, and noise behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from training.shared.sounds import Samples, loudness
from training.speaker.made import SAMPLE_RATE_HZ, music, noise

_LINES_HZ = ((300, 3_400), (200, 3_800), (100, 5_500), (50, 4_500))
"""Telephones, old and new, and poor microphones."""
_SLOPE_DECIBELS = 24.0
"""An octave outside the band: as a filter of fourth order falls."""
_DECAY = np.log(1e3)
"""Of amplitudes within the reverberation time, by which sound falls 60 decibels."""
_BABBLE_VOICES = 6


@dataclass(frozen=True)
class Variation:
    """How much recordings are varied; ranges are uniform."""

    room_share: float = 0.5
    room_seconds: tuple[float, float] = (0.1, 0.5)
    """Reverberation time."""
    room_level: tuple[float, float] = (0.02, 0.15)
    line_share: float = 0.3
    equaliser_share: float = 0.4
    """Together with `line_share` at most 1: a recording gets one of both, or neither."""
    equaliser_decibels: float = 8.0
    noisy_share: float = 0.6
    noise_decibels: tuple[float, float] = (6.0, 30.0)
    """Range of the signal to noise ratio."""


def varied(samples: Samples, voices: Sequence[Samples], variation: Variation, rng: np.random.Generator) -> Samples:
    """Return the recording, as long as it was, as it might have been; `voices` are those that may babble behind it."""
    if rng.random() < variation.room_share:
        samples = _in_room(samples, variation, rng)
    kind = rng.random()
    if kind < variation.line_share:
        samples = _through_line(samples, rng)
    elif kind < variation.line_share + variation.equaliser_share:
        samples = _equalised(samples, variation.equaliser_decibels, rng)
    if rng.random() < variation.noisy_share:
        ratio = 10 ** (-rng.uniform(*variation.noise_decibels) / 20)
        samples = mixed(samples, _background(len(samples), voices, rng), ratio)
    return np.asarray(samples, np.float32)


def mixed(samples: Samples, other: Samples, ratio: float) -> Samples:
    """Return the sum, in which the other has this share of the loudness of the first."""
    return np.asarray(samples + other * (ratio * loudness(samples) / loudness(other)), np.float32)


def _in_room(samples: Samples, variation: Variation, rng: np.random.Generator) -> Samples:
    """Add an echo of noise that dies away."""
    count = int(rng.uniform(*variation.room_seconds) * SAMPLE_RATE_HZ)
    echo = rng.standard_normal(count) * np.exp(-_DECAY * np.arange(count) / count) * rng.uniform(*variation.room_level)
    echo[0] = 1
    length = len(samples) + count
    together = np.fft.irfft(np.fft.rfft(samples, length) * np.fft.rfft(echo, length), length)
    return np.asarray(together[: len(samples)], np.float32)


def _through_line(samples: Samples, rng: np.random.Generator) -> Samples:
    lowest_hz, highest_hz = _LINES_HZ[rng.integers(len(_LINES_HZ))]
    frequencies_hz = np.maximum(np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE_HZ), 1)
    octaves = np.maximum(np.log2(lowest_hz / frequencies_hz), np.log2(frequencies_hz / highest_hz))
    return _filtered(samples, -_SLOPE_DECIBELS * np.maximum(octaves, 0))


def _equalised(samples: Samples, most_decibels: float, rng: np.random.Generator) -> Samples:
    points = rng.uniform(-most_decibels, most_decibels, 6)
    bins = len(samples) // 2 + 1
    return _filtered(samples, np.interp(np.linspace(0, 1, bins), np.linspace(0, 1, len(points)), points))


def _filtered(samples: Samples, decibels: np.typing.NDArray[np.float64]) -> Samples:
    return np.asarray(np.fft.irfft(np.fft.rfft(samples) * 10 ** (decibels / 20), len(samples)), np.float32)


def _background(samples: int, voices: Sequence[Samples], rng: np.random.Generator) -> Samples:
    kind = rng.choice(("noise", "babble", "music"), p=(0.6, 0.25, 0.15))
    if kind == "babble" and voices:
        return _babble(samples, voices, rng)
    return music(samples, rng) if kind == "music" else noise(samples, rng)


def _babble(samples: int, voices: Sequence[Samples], rng: np.random.Generator) -> Samples:
    chosen = rng.integers(0, len(voices), _BABBLE_VOICES)
    return np.asarray(sum(np.resize(voices[one] / loudness(voices[one]), samples) for one in chosen), np.float32)
