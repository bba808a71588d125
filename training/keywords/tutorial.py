"""The JSON file of the well-known keyword spotting tutorials: mapping, labels, MFCCs and files, in lists.

Their rule is kept: every sub-folder is a word, and clips shorter than a second at 22,050 Hz are left out.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import orjson

from services.keywords.mfcc import Mfcc
from training.keywords.folders import is_sound_file
from training.shared.sounds import Damaged, read_sound
from training.shared.workers import Workers

_MFCC = Mfcc()
_MOST_SECONDS = 2.0
"""More than is looked at, so that the resampler's end is beyond it."""
_BATCH_CLIPS = 32


def write_json(folders: Sequence[Path], path: Path, workers: Workers) -> int:
    """Write {"mapping": [words], "labels": [ints], "MFCCs": [[frames of 13]], "files": [paths]}; return how many.

    Only the labels and names are held in memory.
    """
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("wb") as file:
            count = _write(folders, file, workers)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def _write(folders: Sequence[Path], file: BinaryIO, workers: Workers) -> int:
    words = [word for folder in folders for word in _words(folder)]
    mapping = list(dict.fromkeys(word for word, _ in words))
    clips = [(mapping.index(word), clip) for word, paths in words for clip in paths]
    pictures = (
        picture
        for batch in workers.map("MFCCs", _pictures, [clip for _, clip in clips], _BATCH_CLIPS)
        for picture in batch
    )
    taken: list[tuple[int, str]] = []
    file.write(b'{"mapping": ' + orjson.dumps(mapping) + b', "MFCCs": [')
    for (label, clip), picture in zip(clips, pictures, strict=True):
        if picture:
            file.write(b",\n" * bool(taken) + picture)
            taken.append((label, clip))
    labels, files = ([each[part] for each in taken] for part in (0, 1))
    file.write(b'], "labels": ' + orjson.dumps(labels) + b', "files": ' + orjson.dumps(files) + b"}\n")
    return len(taken)


def _words(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield every sub-folder's name and recordings, in the order of os.walk, sorted."""
    for parent, subfolders, names in os.walk(folder):
        subfolders.sort()
        if Path(parent) != folder:
            yield Path(parent).name, [f"{parent}/{name}" for name in sorted(names) if is_sound_file(name)]


def _pictures(batch: Sequence[str]) -> list[bytes]:
    return [_picture(path) for path in batch]


def _picture(path: str) -> bytes:
    """Return a clip's MFCCs as JSON; of a short or damaged one nothing."""
    try:
        samples = read_sound(path, _MFCC.sample_rate_hz, _MOST_SECONDS)
    except Damaged:
        return b""
    pictures = _MFCC.pictures(samples)
    return b"".join(
        orjson.dumps(np.ascontiguousarray(picture), option=orjson.OPT_SERIALIZE_NUMPY) for picture in pictures
    )
