"""Actors made by a formula: syllables of harmonics, whose pitch alone tells what they feel."""

import csv
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE_HZ = 16_000
PITCH = {"neutral": 1.0, "angry": 1.5, "sad": 0.75}
"""Factors on the actor's own pitch."""


def sound(f0_hz: float, syllables: int = 4, noise: float = 1e-4, seed: int = 0) -> NDArray[np.float32]:
    """Return syllables of a fifth of a second that fall in pitch, and half as long pauses."""
    seconds = np.arange(int(0.2 * RATE_HZ)) / RATE_HZ
    phase = 2 * np.pi * np.cumsum(f0_hz * (1.05 - 0.5 * seconds)) / RATE_HZ
    voice = sum(np.sin(number * phase) / number for number in range(1, 20)) * np.hanning(len(seconds))
    syllable = np.concatenate([voice, np.zeros(len(seconds) // 2)])
    spoken = np.concatenate([np.zeros(RATE_HZ // 4), np.tile(syllable, syllables), np.zeros(RATE_HZ // 4)])
    hiss = np.random.default_rng(seed).normal(0, noise, len(spoken))
    return np.asarray(0.2 * spoken + hiss, np.float32)


def write_actors(folder: Path, actors: int = 3, takes: int = 4) -> Path:
    """Write actors of different pitch who say the same in each emotion, a little differently each time."""
    folder.mkdir(parents=True)
    rows = []
    for actor, (emotion, factor), take in (
        (actor, told, take) for actor in range(actors) for told in PITCH.items() for take in range(takes)
    ):
        name = f"{actor}-{emotion}-{take}.wav"
        f0_hz = (110 + 30 * actor) * factor * (1 + 0.01 * take)
        soundfile.write(folder / name, sound(f0_hz, 3 + take % 2, seed=take), RATE_HZ)
        rows.append({"path": name, "text": "la la la", "emotion": f"{emotion}/strong", "speaker": f"actor {actor}"})
    with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder
