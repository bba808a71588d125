"""Recordings of any length one behind the other: noise, and read speech without commands."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from training.keywords.clips import SAMPLE_RATE_HZ, Told
from training.keywords.folders import Recording
from training.keywords.splits import SPLITS
from training.shared.arrays import GrowingArray
from training.shared.sounds import Damaged, Numbers, Outcome, numbers, read_sound
from training.shared.workers import Workers

_MOST_SECONDS = 3600.0
"""Of one recording: as much as each process holds at once."""
_NOISE_PERCENTS = (0, 80, 90, 100)
"""Where each recording of noise is cut, as there are few: its splits are of one place and one device."""
Row = tuple[str | int, ...]
Stretch = tuple[Recording, int, int, Told]
"""A recording, where it starts, its length, and what became of it."""


def write_stretches(title: str, recordings: Sequence[Recording], path: Path, workers: Workers) -> list[Stretch]:
    """Write the recordings into one array [m], in their order, and tell where each is."""
    read = (each for batch in workers.map(title, _read_batch, recordings, 1) for each in batch)
    return write_sounds(zip(recordings, read, strict=True), path)


def write_sounds(sounds: Iterable[tuple[Recording, tuple[Numbers, Told]]], path: Path) -> list[Stretch]:
    """Do the same with what has been read."""
    stretches: list[Stretch] = []
    with GrowingArray(path) as array:
        for recording, (samples, told) in sounds:
            stretches.append((recording, array.length, len(samples), told))
            array.append(samples)
    return stretches


def speech_rows(stretches: Sequence[Stretch]) -> Iterator[Row]:
    """Yield the rows of speech.csv."""
    for recording, start, samples, told in stretches:
        if told.is_kept:
            yield recording.file, recording.speaker, start, samples, recording.split, recording.text


def noise_rows(stretches: Sequence[Stretch]) -> Iterator[Row]:
    """Yield the rows of noise.csv, three for each recording."""
    for recording, start, samples, told in stretches:
        cuts = (start + samples * percent // 100 for percent in _NOISE_PERCENTS)
        for split, (first, after) in zip(SPLITS, pairwise(cuts), strict=True):
            if told.is_kept:
                yield recording.file, first, after - first, split


def _read_batch(batch: Sequence[Recording]) -> list[tuple[Numbers, Told]]:
    return [_read(recording) for recording in batch]


def _read(recording: Recording) -> tuple[Numbers, Told]:
    try:
        return numbers(read_sound(recording.path, SAMPLE_RATE_HZ, _MOST_SECONDS)), Told(Outcome.WHOLE)
    except Damaged as damaged:
        return np.empty(0, np.int16), Told(Outcome.DAMAGED, str(damaged))
