"""What prepare.py wrote, as training reads it: clips, noise and read speech, by split."""

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from services.keywords import engine
from training.keywords.folders import SILENCE
from training.keywords.splits import SPLITS, Split

Pcm = NDArray[np.int16]
Samples = NDArray[np.float32]

OTHER = "_other_"
"""Speech that is none of the words that have a class of their own: rare words, and windows of read speech."""
TEN_COMMANDS = ("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go")
"""The commands of Speech Commands; Warden 2018, arXiv:1804.03209."""
FULL_SET_CLIPS = 84_843
"""Clips to learn from in Speech Commands v0.02, of 105,829; Warden 2018, arXiv:1804.03209."""
FEWEST_CLIPS = 8
"""A word with fewer clips to learn from has no class of its own."""
FULL_SCALE = np.float32(32768)


@dataclass(frozen=True)
class Segments:
    """Pieces of one long recording, all of one split."""

    pcm: Pcm
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    texts: tuple[str, ...]

    def random(self, samples: int, rng: np.random.Generator) -> Samples:
        """Return a random window, float32 (samples,) within [-1, 1]; zeros where there is nothing to take."""
        long_enough = np.flatnonzero(self.lengths >= samples)
        if not len(long_enough):
            return np.zeros(samples, np.float32)
        weights = self.lengths[long_enough] / self.lengths[long_enough].sum()
        piece = rng.choice(long_enough, p=weights)
        start = self.starts[piece] + rng.integers(self.lengths[piece] - samples + 1)
        return as_float(self.pcm[start : start + samples])


@dataclass(frozen=True)
class Prepared:
    """A prepared folder."""

    clips: Pcm
    """[n, samples]"""
    words: NDArray[np.str_]
    splits: NDArray[np.str_]
    speakers: NDArray[np.str_]
    folder: Path

    def rows(self, split: Split) -> NDArray[np.int64]:
        """Return the numbers of the clips of one split."""
        return np.flatnonzero(self.splits == split)

    def segments(self, name: Literal["noise", "speech"], split: Split) -> Segments:
        """Return the noise, or the read speech, of one split."""
        rows = [row for row in _table(self.folder / f"{name}.csv") if row["split"] == split]
        return Segments(
            np.load(self.folder / f"{name}.npy", mmap_mode="r"),
            np.array([int(row["start"]) for row in rows], np.int64),
            np.array([int(row["samples"]) for row in rows], np.int64),
            tuple(row.get("text", "") for row in rows),
        )


@dataclass(frozen=True)
class Classes:
    """What a network tells apart inside, and which label each class counts for outside.

    A word that is no command has a class of its own while it trains, where there are clips enough: a network that
    knows `happy` from `cat` confuses neither with a command, and its embedding serves words that users add.
    """

    inner: tuple[str, ...]
    keywords: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """What is served: the keywords, unknown and silence."""
        return (*self.keywords, engine.UNKNOWN, engine.SILENCE)

    @property
    def folding(self) -> NDArray[np.float32]:
        """[inner, labels]: ones where a class counts for a label."""
        return np.eye(len(self.labels), dtype=np.float32)[self.served(self.inner)]

    def served(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of the label of each word."""
        known = {word: number for number, word in enumerate(self.keywords)} | {SILENCE: len(self.keywords) + 1}
        return np.array([known.get(word, len(self.keywords)) for word in words], np.int64)

    def targets(self, words: Sequence[str]) -> NDArray[np.int64]:
        """Return the number of the inner class of each word."""
        known = {word: number for number, word in enumerate(self.inner)}
        return np.array([known.get(word, known[OTHER]) for word in words], np.int64)


def read_prepared(folder: Path) -> Prepared:
    """Open a folder of prepare.py; the clips stay on the disk."""
    rows = _table(folder / "clips.csv")
    words, splits, speakers = (np.array([row[name] for row in rows]) for name in ("word", "split", "speaker"))
    return Prepared(np.load(folder / "clips.npy", mmap_mode="r"), words, splits, speakers, folder)


def find_classes(prepared: Prepared, keywords: Sequence[str] = ()) -> Classes:
    """Return the classes for these keywords; without any, the ten commands if all are there, else every word.

    Raises ValueError where there are too few clips of them.
    """
    counts = Counter(prepared.words[prepared.rows("train")].tolist())
    words = sorted(word for word in counts if not word.startswith("_"))
    chosen = tuple(keywords) or (TEN_COMMANDS if set(TEN_COMMANDS) <= set(words) else tuple(words))
    if missing := sorted(set(chosen) - set(words)):
        raise ValueError(f"no clips to learn from of: {', '.join(missing)}")
    if missing := [split for split in SPLITS if not np.isin(prepared.words[prepared.rows(split)], chosen).any()]:
        raise ValueError(f"no speaker of the words in: {', '.join(missing)}; record more, or more speakers")
    others = [word for word in words if word not in chosen and counts[word] >= FEWEST_CLIPS]
    return Classes((*chosen, *others, OTHER, SILENCE), chosen)


def as_float(pcm: Pcm) -> Samples:
    """Return 16-bit samples as float32 within [-1, 1]."""
    return pcm.astype(np.float32) / FULL_SCALE


def _table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
