"""Prepared clips as the pictures that the tutorials' CNN sees."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from services.keywords.engine import SILENCE, UNKNOWN
from services.keywords.mfcc import Mfcc
from training.keywords import folders
from training.keywords.clips import SAMPLE_RATE_HZ

_MFCC = Mfcc()


@dataclass(frozen=True)
class Part:
    """One split."""

    pictures: NDArray[np.float32]
    """[n, frames, coefficients, 1]"""
    targets: NDArray[np.int64]
    """[n]: the number of each clip's label."""

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.targets)


def read_part(prepared: Path, split: str, labels: Sequence[str]) -> Part:
    """Return the pictures of one split's clips, and what they are; raises OSError."""
    with (prepared / "clips.csv").open(encoding="utf-8", newline="") as file:
        rows = [(number, row["word"]) for number, row in enumerate(csv.DictReader(file)) if row["split"] == split]
    clips = np.load(prepared / "clips.npy", mmap_mode="r")
    known = {label: number for number, label in enumerate(labels)} | {folders.SILENCE: labels.index(SILENCE)}
    targets = [known.get(word, labels.index(UNKNOWN)) for _, word in rows]
    return Part(_pictures(clips[number] for number, _ in rows), np.array(targets, np.int64))


def _pictures(clips: Iterable[NDArray[np.int16]]) -> NDArray[np.float32]:
    sounds = (soxr.resample(clip.astype(np.float32) / 32768, SAMPLE_RATE_HZ, _MFCC.sample_rate_hz) for clip in clips)
    pictures = [_MFCC.pictures(sound) for sound in sounds]
    return np.concatenate([np.empty((0, *_MFCC.shape), np.float32), *pictures])[..., None]
