"""Variation that a recording might have had, made on its mel powers: a batch at a time, a hundredth of a second's work.

Powers of sounds that are mixed add up (but for their phases), so noise, loudness, a microphone's tilt, speed, and the
length of a speaker's vocal tract can all be changed without going back to samples.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.mel import hz_of, mel_of

Powers = NDArray[np.float32]
"""[n, frames, bands]"""

_SMALLEST_POWER = np.float32(1e-6)


@dataclass(frozen=True)
class Variation:
    """How much clips are varied; ranges are uniform. Masks are SpecAugment's (Park et al. 2019, arXiv:1904.08779),
    `tract` is vocal tract length perturbation (Jaitly and Hinton 2013)."""

    shift_frames: float = 10.0
    speed: float = 0.12
    tract: float = 0.1
    """Largest stretch of frequency, as a share."""
    tilt_decibels: float = 5.0
    gain_decibels: float = 8.0
    noisy_share: float = 0.6
    noise_decibels: tuple[float, float] = (0.0, 30.0)
    """Range of the signal to noise ratio."""
    masks: int = 2
    mask_frames: int = 10
    mask_bands: int = 5


@dataclass(frozen=True)
class Augmenter:
    """Varies batches. `lowest_hz` and `highest_hz` are those of the features."""

    variation: Variation
    lowest_hz: float
    highest_hz: float

    def varied(self, powers: Powers, noise: Powers, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return log-mel pictures of the clips with noise of the same shape, float32 [n, frames, bands]."""
        moved = _at(_at(powers, self._bands(powers, rng), 2), self._frames(powers, rng), 1)
        mixed: Powers = moved + noise * self._noise_gain(moved, noise, rng)
        return self._masked(np.log(mixed * self._microphone(mixed, rng) + _SMALLEST_POWER), rng)

    def _frames(self, powers: Powers, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return for each clip where each of its new frames lies among the old ones."""
        count, frames, _ = powers.shape
        own = self.variation
        speed = 1 + rng.uniform(-own.speed, own.speed, (count, 1))
        shift = rng.uniform(-own.shift_frames, own.shift_frames, (count, 1))
        middle = (frames - 1) / 2
        return np.asarray((np.arange(frames) - middle) * speed + middle + shift, np.float32)

    def _bands(self, powers: Powers, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return for each clip where each of its new bands lies among the old ones."""
        count, _, bands = powers.shape
        edges = np.linspace(mel_of(self.lowest_hz), mel_of(self.highest_hz), bands + 2)
        stretch = 1 + rng.uniform(-self.variation.tract, self.variation.tract, (count, 1))
        places = (mel_of(hz_of(edges[1:-1]) * stretch) - edges[1]) / (edges[1] - edges[0])
        return np.asarray(np.clip(places, 0, bands - 1), np.float32)

    def _noise_gain(self, powers: Powers, noise: Powers, rng: np.random.Generator) -> Powers:
        own = self.variation
        ratio = _power_of(rng.uniform(*own.noise_decibels, (len(powers), 1, 1)))
        loudness = (powers.mean((1, 2), keepdims=True) + _SMALLEST_POWER) / (
            noise.mean((1, 2), keepdims=True) + _SMALLEST_POWER
        )
        noisy = rng.random((len(powers), 1, 1)) < own.noisy_share
        return np.asarray(noisy * loudness / ratio, np.float32)

    def _microphone(self, powers: Powers, rng: np.random.Generator) -> Powers:
        """Return the gain of each clip's bands: loudness, and a tilt from low to high."""
        count, _, bands = powers.shape
        own = self.variation
        gain = rng.uniform(-own.gain_decibels, own.gain_decibels, (count, 1, 1))
        tilt = rng.uniform(-own.tilt_decibels, own.tilt_decibels, (count, 1, 1)) * np.linspace(-0.5, 0.5, bands)
        decibels: NDArray[np.float64] = gain + tilt
        return _power_of(decibels)

    def _masked(self, pictures: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
        """Replace stripes of each picture by its mean."""
        mean = pictures.mean((1, 2), keepdims=True)
        for axis, widest in ((1, self.variation.mask_frames), (2, self.variation.mask_bands)):
            for _ in range(self.variation.masks):
                pictures = np.where(_stripe(pictures.shape, axis, widest, rng), mean, pictures)
        return pictures


def _at(powers: Powers, places: NDArray[np.float32], axis: int) -> Powers:
    """Return the powers at fractional places along an axis, [n, length]; nothing lies outside."""
    below = np.floor(places).astype(np.int64)
    share = (places - below).astype(np.float32)
    shape = (len(places), -1, 1) if axis == 1 else (len(places), 1, -1)
    parts = [
        _taken(powers, below + step, axis) * weight.reshape(shape) for step, weight in ((0, 1 - share), (1, share))
    ]
    return parts[0] + parts[1]


def _taken(powers: Powers, numbers: NDArray[np.int64], axis: int) -> Powers:
    inside = (numbers >= 0) & (numbers < powers.shape[axis])
    shape = (len(numbers), -1, 1) if axis == 1 else (len(numbers), 1, -1)
    found = np.take_along_axis(powers, np.where(inside, numbers, 0).reshape(shape), axis)
    return np.asarray(found * inside.reshape(shape), np.float32)


def _stripe(shape: tuple[int, ...], axis: int, widest: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    widths = rng.integers(0, widest + 1, (shape[0], 1, 1))
    starts = (rng.random((shape[0], 1, 1)) * (shape[axis] - widths + 1)).astype(np.int64)
    places = np.arange(shape[axis]).reshape((1, -1, 1) if axis == 1 else (1, 1, -1))
    return np.asarray((places >= starts) & (places < starts + widths))


def _power_of(decibels: NDArray[np.float64]) -> Powers:
    return np.asarray(10 ** (decibels / 10), np.float32)
