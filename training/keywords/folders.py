"""What lies in a folder of recordings: where each is, what is said in it, who speaks, and which split it belongs to."""

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from sys import intern
from typing import NamedTuple

from training.keywords.splits import official_splits, split_of

SILENCE, UNKNOWN, NOISE = "_silence_", "_unknown_", "_background_noise_"
"""Folders, and labels, that are no words."""
_SOUND_FILES = (".wav", ".flac", ".ogg", ".opus", ".mp3")
_SPEAKER = re.compile(r"(?:.*/)?([^/_]+)_nohash_\d+\.[^/.]+")


class Recording(NamedTuple):
    """One file of sound. Plain strings, shared where they can be, as a hundred thousand are held at once."""

    folder: str
    file: str
    """The path within its folder of data: the same on every machine."""
    word: str
    """What is said; `_silence_` for none, `_unknown_` where that is not known, `_background_noise_`."""
    speaker: str
    split: str
    text: str
    """The transcript, of read speech; empty where there is none."""

    @property
    def path(self) -> str:
        """Where it lies."""
        return f"{self.folder}/{self.file}"


def recordings_of(folder: Path) -> list[Recording]:
    """Return the recordings of a folder with a sub-folder a word, or with a metadata.csv, in the order of their names.

    LibriSpeech's transcripts are as good as a metadata.csv. Files that these name and that are not there are returned,
    too: reading them will fail, and be told.
    Raises OSError for a folder that cannot be read.
    """
    rows, splits = _metadata(folder) or _transcripts(folder), official_splits(folder)
    files = sorted({*rows, *(file for file in _sound_files(folder) if "/" in file or rows)})
    place = str(folder)
    return [_recording(place, file, rows.get(file, {}), splits) for file in files]


def is_sound_file(name: str) -> bool:
    """Say whether a file's name is one of a recording."""
    return name.lower().endswith(_SOUND_FILES)


def _recording(folder: str, file: str, row: dict[str, str], splits: dict[str, str]) -> Recording:
    speaker = intern(row.get("speaker") or _speaker(file))
    split = splits.get(file, "train") if splits else split_of(speaker)
    return Recording(folder, file, intern(_word(file, row)), speaker, split, row.get("text", ""))


def _word(file: str, row: dict[str, str]) -> str:
    label = row.get("label", "")
    if label in (SILENCE, NOISE):
        return label
    own_folder = file.rpartition("/")[0].rpartition("/")[2]
    return (row.get("text") or label or own_folder).strip().lower() or UNKNOWN


def _speaker(file: str) -> str:
    """Return the speaker of a file name as Speech Commands has them, else the file: then nothing is known."""
    match = _SPEAKER.fullmatch(file)
    return match.group(1) if match else file


def _metadata(folder: Path) -> dict[str, dict[str, str]]:
    if not (folder / "metadata.csv").exists():
        return {}
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as file:
        return {row["path"]: row for row in csv.DictReader(file)}


def _transcripts(folder: Path) -> dict[str, dict[str, str]]:
    """Return what LibriSpeech's folders tell: in each READER-CHAPTER.trans.txt lines of READER-CHAPTER-NUMBER TEXT."""
    files = [path for path in folder.rglob("*.trans.txt") if path.is_file()]
    lines = ((path, line) for path in files for line in path.read_text(encoding="utf-8").splitlines())
    spoken = ((path.with_name(f"{line.split()[0]}.flac"), line) for path, line in lines if line.strip())
    return {
        path.relative_to(folder).as_posix(): {"speaker": path.name.split("-")[0], "text": line.partition(" ")[2]}
        for path, line in spoken
    }


def _sound_files(folder: Path) -> Iterator[str]:
    for parent, _, names in os.walk(folder, onerror=_complain):
        inside = Path(parent).relative_to(folder).as_posix()
        yield from (name if inside == "." else f"{inside}/{name}" for name in names if is_sound_file(name))


def _complain(error: OSError) -> None:
    raise error
