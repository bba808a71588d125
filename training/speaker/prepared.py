"""What prepare.py wrote, as training reads it; frames stay on the disk until they are asked for."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.keywords.splits import Split
from training.speaker.shards import CLIPS, FRAMES, SPEECH

Rows = NDArray[np.int64]
Numbers = NDArray[np.float32]

_WORDS = ("kind", "data_set", "path", "speaker", "gender", "age_group", "split", "licence")


@dataclass(frozen=True)
class Prepared:
    """All pieces of a prepared folder; each column has a place for each."""

    folder: Path
    words: dict[str, NDArray[np.str_]]
    """Columns of clips.csv that are words."""
    version: Rows
    age_years: Numbers
    """NaN where they are not known."""
    shard: Rows
    start: Rows
    length: Rows
    """In frames."""
    shards: tuple[Path, ...]

    def rows(self, kind: str, split: Split | None = None) -> Rows:
        """Return the numbers of the pieces of one kind, of one split or of all."""
        chosen = self.words["kind"] == kind
        return np.flatnonzero(chosen if split is None else chosen & (self.words["split"] == split))

    def piece(self, row: int) -> tuple[Numbers, Numbers]:
        """Return the frames of a piece, [n, bins], and how likely each is speech, [n]."""
        return self.cut(row, 0, int(self.length[row]))

    def cut(self, row: int, first: int, frames: int) -> tuple[Numbers, Numbers]:
        """Return so many frames of a piece from one on; a shorter piece is repeated."""
        bins, speech = self._arrays[self.shard[row]]
        length = int(self.length[row])
        places = self.start[row] + (first + np.arange(frames)) % length
        return bins[places].astype(np.float32), speech[places].astype(np.float32)

    @cached_property
    def _arrays(self) -> list[tuple[NDArray[np.float16], NDArray[np.float16]]]:
        return [
            (np.load(shard / FRAMES, mmap_mode="r"), np.load(shard / SPEECH, mmap_mode="r")) for shard in self.shards
        ]


def read_prepared(folder: Path) -> Prepared:
    """Open a folder of prepare.py. Raises ValueError where no shard of it is done."""
    shards = tuple(sorted(path for path in folder.iterdir() if path.is_dir() and path.name.isdecimal()))
    tables = [_table(shard / CLIPS) for shard in shards]
    table = [row for of_shard in tables for row in of_shard if int(row["frames"])]
    if not table:
        raise ValueError(f"{folder} holds no prepared clips.")
    shard = [number for number, of_shard in enumerate(tables) for row in of_shard if int(row["frames"])]
    return Prepared(
        folder,
        {name: np.array([row[name] for row in table]) for name in _WORDS},
        _whole(table, "version"),
        np.array([float(row["age"] or "nan") for row in table], np.float32),
        np.array(shard),
        _whole(table, "start"),
        _whole(table, "frames"),
        shards,
    )


def _whole(table: Sequence[dict[str, str]], name: str) -> Rows:
    return np.array([int(row[name]) for row in table], np.int64)


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
