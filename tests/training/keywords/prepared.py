"""A small prepared folder, of tones instead of words."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

RATE_HZ = 16_000
TONES_HZ = {"yes": 400, "no": 1_100, "happy": 2_600}


def write_prepared(folder: Path, clips_per_split: Sequence[tuple[str, int]]) -> None:
    """Write so many clips of each word, and of silence, for each split; noise; and read speech of one split each."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    rows, clips = [], []
    for split, count in clips_per_split:
        for word in [*TONES_HZ, "_silence_"]:
            for number in range(count):
                clips.append(tone_clip(TONES_HZ.get(word), rng))
                rows.append([f"{word}/{split}{number}.wav", word, f"{split}{number}", split])
    np.save(folder / "clips.npy", np.stack(clips))
    _table(folder / "clips.csv", "file,word,speaker,split", rows)
    _long(folder, "noise", "file,start,samples,split", ["n.wav"], rng)
    _long(folder, "speech", "file,speaker,start,samples,split,text", ["s.wav", "reader"], rng, ["nothing of it"])


def tone_clip(tone_hz: int | None, rng: np.random.Generator) -> np.ndarray:
    """Return a second with the tone somewhere in faint noise, as 16-bit numbers."""
    noise = rng.normal(0, 20, RATE_HZ)
    if tone_hz is not None:
        length = rng.integers(3_000, 7_000)
        start = rng.integers(2_000, RATE_HZ - length - 2_000)
        pitch = tone_hz * rng.uniform(0.95, 1.05)
        noise[start : start + length] += 6_000 * np.sin(2 * np.pi * pitch * np.arange(length) / RATE_HZ)
    return noise.astype(np.int16)


def _long(
    folder: Path, name: str, header: str, head: list[str], rng: np.random.Generator, tail: Sequence[str] = ()
) -> None:
    samples = 3 * RATE_HZ
    splits = ("train", "validation", "test")
    np.save(folder / f"{name}.npy", rng.normal(0, 200, samples * len(splits)).astype(np.int16))
    rows = [[*head, number * samples, samples, split, *tail] for number, split in enumerate(splits)]
    _table(folder / f"{name}.csv", header, rows)


def _table(path: Path, header: str, rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)
