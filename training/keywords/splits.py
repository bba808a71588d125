"""Which recordings are trained on and which are kept apart: no speaker stands on two sides."""

import hashlib
from pathlib import Path
from typing import Literal, get_args

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)
_TEST_PERCENT, _VALIDATION_PERCENT = 20, 10
_OFFICIAL = {"validation_list.txt": "validation", "testing_list.txt": "test"}


def split_of(speaker: str) -> str:
    """Return a speaker's split, the same in every run and on every machine."""
    percent = int(hashlib.sha256(b"timbre:" + speaker.encode()).hexdigest(), 16) % 100
    if percent < _TEST_PERCENT:
        return "test"
    return "validation" if percent < _TEST_PERCENT + _VALIDATION_PERCENT else "train"


def official_splits(folder: Path) -> dict[str, str]:
    """Return the split of each file that the lists of Speech Commands name; all others are for training.

    Empty where the folder has no lists.
    """
    lists = {folder / name: split for name, split in _OFFICIAL.items() if (folder / name).exists()}
    return {file: split for path, split in lists.items() for file in path.read_text(encoding="utf-8").split("\n")}
