"""Sounds that nobody says: noise, tones, sweeps, tunes and silence. Voices are told from them, and varied with them."""

import numpy as np
from numpy.typing import NDArray

from training.shared.sounds import Samples

SAMPLE_RATE_HZ = 16_000

_SCALE_SEMITONES = (0, 2, 4, 5, 7, 9, 11, 12)
_LOUDNESS_DECIBELS = (-50.0, -6.0)
_SILENCE_DECIBELS = (-110.0, -60.0)


def made_sound(samples: int, rng: np.random.Generator) -> Samples:
    """Return mono sound that is no speech, within [-1, 1]: one of noise, music, and what a silent room has."""
    kind = rng.choice(("noise", "music", "silence"), p=(0.35, 0.5, 0.15))
    decibels = rng.uniform(*(_SILENCE_DECIBELS if kind == "silence" else _LOUDNESS_DECIBELS))
    sound = music(samples, rng) if kind == "music" else noise(samples, rng)
    if rng.random() < 0.2:
        sound *= np.repeat(rng.random(8), -(-samples // 8))[:samples].astype(np.float32)
    return np.asarray(sound * 10 ** (decibels / 20) / (np.abs(sound).max() + 1e-9), np.float32)


def noise(samples: int, rng: np.random.Generator) -> Samples:
    """Return noise of any colour between white and brown, and of any loudness."""
    spectrum = np.fft.rfft(rng.standard_normal(samples))
    frequencies = np.maximum(np.fft.rfftfreq(samples), 1e-4)
    return np.asarray(np.fft.irfft(spectrum / frequencies ** rng.uniform(0, 1), samples), np.float32)


def music(samples: int, rng: np.random.Generator) -> Samples:
    """Return tones, a square wave, a sweep or, as often as all of these, a tune; of any loudness."""
    simple = rng.random() < 0.5
    made = (_tones, _square, _sweep)[rng.integers(3)] if simple else _tune
    return np.asarray(made(samples, rng), np.float32)


def _tones(samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    tones = (rng.uniform(0.2, 1) * np.sin(_phase(rng.uniform(60, 3_000), samples)) for _ in range(rng.integers(1, 5)))
    return np.asarray(sum(tones, np.zeros(samples)))


def _square(samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return np.asarray(np.sign(np.sin(_phase(rng.uniform(60, 600), samples))))


def _sweep(samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    pitch_hz = np.linspace(rng.uniform(60, 300), rng.uniform(300, 6_000), samples)
    return np.sin(2 * np.pi * np.cumsum(pitch_hz) / SAMPLE_RATE_HZ)


def _tune(samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Chords of one instrument, with or without drums."""
    step = int(SAMPLE_RATE_HZ * rng.uniform(0.12, 0.6))
    base_hz = rng.uniform(60, 280)
    instrument = _Instrument(rng)
    has_drums = rng.random() < 0.3
    tune = np.zeros(samples + 4 * step)
    for start in range(0, samples, step):
        for semitones in rng.choice(_SCALE_SEMITONES, rng.integers(1, 4)):
            played = instrument.note(base_hz * 2 ** (semitones / 12), int(step * rng.uniform(1, 3)))
            tune[start : start + len(played)] += played
        if has_drums:
            tune[start : start + step] += _drum(step, rng)
    return tune[:samples]


class _Instrument:
    """Harmonics that die away."""

    def __init__(self, rng: np.random.Generator) -> None:
        harmonics = np.arange(1, rng.integers(3, 12))
        self._harmonics = harmonics[:, None]
        self._amplitudes = 1 / harmonics ** rng.uniform(0.5, 2)
        self._decay_per_second = rng.uniform(1, 10)
        self._vibrato = rng.uniform(0, 0.001)

    def note(self, pitch_hz: float, samples: int) -> NDArray[np.float64]:
        """Return one note."""
        seconds = np.arange(samples) / SAMPLE_RATE_HZ
        phase = 2 * np.pi * pitch_hz * (seconds + self._vibrato * np.sin(2 * np.pi * 5 * seconds))
        loudness = np.exp(-self._decay_per_second * seconds) * np.minimum(1, seconds * 200)
        return np.asarray(self._amplitudes @ np.sin(self._harmonics * phase) * loudness)


def _drum(samples: int, rng: np.random.Generator) -> NDArray[np.float64]:
    return rng.standard_normal(samples) * np.exp(-np.arange(samples) / rng.uniform(100, 800)) * rng.uniform(0.5, 3)


def _phase(pitch_hz: float, samples: int) -> NDArray[np.float64]:
    return np.asarray(2 * np.pi * pitch_hz * np.arange(samples) / SAMPLE_RATE_HZ)
