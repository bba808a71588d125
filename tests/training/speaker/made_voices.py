"""Voices that nobody has: a buzz of some pitch through formants. What is shorter and higher is called female."""

import csv
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 16_000
_FORMANTS_HZ = ((730, 1_090, 2_440), (270, 2_290, 3_010), (300, 870, 2_240), (530, 1_840, 2_480))
"""Of vowels; Peterson and Barney 1952."""


def made_voice(gender: str, seconds: float, rng: np.random.Generator, scale: float = 1.0) -> NDArray[np.float32]:
    """Return vowels with short breaks between them; `scale` makes this voice a little higher or lower."""
    pitch_hz, tract = (210, 1.17) if gender == "female" else (115, 1.0)
    parts = []
    while sum(map(len, parts)) < seconds * RATE_HZ:
        vowel = np.array(_FORMANTS_HZ[rng.integers(len(_FORMANTS_HZ))]) * tract
        parts += [_vowel(pitch_hz * scale * rng.uniform(0.9, 1.1), vowel, rng), np.zeros(rng.integers(200, 1_500))]
    sound = np.concatenate(parts)[: int(seconds * RATE_HZ)]
    return (sound * 0.3 / np.abs(sound).max() + rng.normal(0, 2e-3, len(sound))).astype(np.float32)


def _vowel(pitch_hz: float, formants_hz: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    seconds = np.arange(int(RATE_HZ * rng.uniform(0.1, 0.3))) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(pitch_hz * (1 + 0.1 * np.sin(8 * seconds))) / RATE_HZ
    harmonics_hz = np.arange(1, int(5_000 / pitch_hz)) * pitch_hz
    gains = np.sum([1 / (1 + ((harmonics_hz - one) / 90) ** 2) for one in formants_hz], axis=0) + 0.003
    harmonics = np.arange(1, len(gains) + 1)[:, None]
    return gains @ np.sin(harmonics * phase) * np.hanning(len(seconds)) ** 0.3


def write_voices(folder: Path, speakers: int, clips: int = 2, seconds: float = 2.0) -> Path:
    """Write recordings of half women and half men, and a table of them; the older, the lower the voice."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    with (folder / "metadata.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "speaker", "gender", "age", "language"])
        for speaker in range(speakers):
            gender, age = ("female", "male")[speaker % 2], 20 + 60 * speaker // speakers
            for number in range(clips):
                path = f"{speaker}-{number}.wav"
                soundfile.write(folder / path, made_voice(gender, seconds, rng, 1.1 - age / 400), RATE_HZ)
                table.writerow([path, f"s{speaker}", gender, age, "en"])
    return folder
