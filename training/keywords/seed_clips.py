"""Prepared clips as the pictures that the tutorials' CNN sees."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from services.keywords.mfcc import Mfcc
from training.keywords.clips import SAMPLE_RATE_HZ
from training.keywords.data import Classes, as_float, read_prepared
from training.keywords.splits import Split

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


def read_part(prepared: Path, split: Split, labels: Sequence[str]) -> Part:
    """Return the pictures of one split's clips, and which of `labels` they are; the last two are unknown and silence.

    Raises OSError.
    """
    found = read_prepared(prepared)
    rows = found.rows(split)
    classes = Classes((), tuple(labels[:-2]))
    return Part(_pictures(found.clips[row] for row in rows), classes.served(found.words[rows].tolist()))


def _pictures(clips: Iterable[NDArray[np.int16]]) -> NDArray[np.float32]:
    sounds = (soxr.resample(as_float(clip), SAMPLE_RATE_HZ, _MFCC.sample_rate_hz) for clip in clips)
    pictures = [_MFCC.pictures(sound) for sound in sounds]
    return np.concatenate([np.empty((0, *_MFCC.shape), np.float32), *pictures])[..., None]
