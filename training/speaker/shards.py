"""A few hundred clips as arrays that training reads: frames.npy, speech.npy and clips.csv in a folder of their own."""

import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from services.speaker.features import VoiceFeatures
from training.shared.arrays import GrowingArray
from training.shared.sounds import Damaged, Samples, loudness, read_sound
from training.speaker.data.clip import Clip
from training.speaker.data.fetching import Fetching
from training.speaker.made import SAMPLE_RATE_HZ
from training.speaker.pieces import Piece, Voice, pieces, speech_of

FRAMES, SPEECH, CLIPS = "frames.npy", "speech.npy", "clips.csv"
_ABOUT = ("data_set", "path", "speaker", "gender", "age", "age_group", "language")
COLUMNS = ("kind", "version", *_ABOUT, "split", "licence", "start", "frames")

_MOST_SECONDS, _READ_SECONDS = 14.0, 20.0
_LEAD_SECONDS = 0.5
"""How much is kept of the quiet before somebody speaks."""
_LEAST_SPEECH, _LEAST_LOUDNESS = 0.5, 1e-4
_READERS = 4


@dataclass(frozen=True)
class Work:
    """What each shard is made of, beside its clips."""

    out: Path
    locations: dict[str, str]
    cache: Path
    versions: int
    seed: int


@dataclass(frozen=True)
class Shard:
    """A few clips, and their number among all such."""

    number: int
    clips: tuple[Clip, ...]

    def folder(self, out: Path) -> Path:
        """Return where it is kept."""
        return out / f"{self.number:05d}"


def write_shard(work: Work, shards: Sequence[Shard]) -> list[str]:
    """Write one shard, whole or not at all; return which clips could not be read, and why."""
    (shard,) = shards
    partial = shard.folder(work.out).with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    refused: list[str] = []
    voices = list(_voices(shard, work, refused))
    write_pieces(
        partial, (piece for version in range(work.versions) for piece in _version(voices, version, shard, work))
    )
    partial.rename(shard.folder(work.out))
    return refused


def _version(voices: Sequence[Voice], version: int, shard: Shard, work: Work) -> Iterator[Piece]:
    return pieces(voices, version, (work.seed, shard.number))


def _voices(shard: Shard, work: Work, refused: list[str]) -> Iterator[Voice]:
    fetching = Fetching(work.locations, work.cache)
    with ThreadPoolExecutor(_READERS) as readers:
        for clip, path in zip(shard.clips, readers.map(fetching.path, shard.clips), strict=True):
            try:
                if path is None:
                    raise Damaged("there is no such file")
                yield Voice(clip, _spoken(path))
            except Damaged as damaged:
                refused.append(f"{clip.data_set}/{clip.path}: {damaged}")


def _spoken(path: Path) -> Samples:
    """Return a recording from where somebody begins to speak. Raises Damaged."""
    samples = read_sound(path, SAMPLE_RATE_HZ, _READ_SECONDS)
    features = VoiceFeatures()
    if len(samples) < features.frame_samples or loudness(samples) < _LEAST_LOUDNESS:
        raise Damaged("it is too short, or silent")
    speech = speech_of(samples, features) >= _LEAST_SPEECH
    if not speech.any():
        raise Damaged("nobody speaks in it")
    first = int(speech.argmax()) * features.step_samples - int(_LEAD_SECONDS * SAMPLE_RATE_HZ)
    return samples[max(0, first) :][: int(_MOST_SECONDS * SAMPLE_RATE_HZ)]


def write_pieces(folder: Path, made: Iterable[Piece]) -> None:
    """Write arrays and table of pieces, one at a time."""
    row = (VoiceFeatures().bins,)
    with (
        GrowingArray(folder / FRAMES, row, "<f2") as frames,
        GrowingArray(folder / SPEECH, (), "<f2") as speech,
        (folder / CLIPS).open("w", encoding="utf-8", newline="") as file,
    ):
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for piece in made:
            table.writerow(_row(piece, frames.length))
            frames.append(piece.frames)
            speech.append(np.asarray(piece.speech))


def _row(piece: Piece, start: int) -> tuple[object, ...]:
    clip = piece.clip
    about = (
        (clip.data_set, clip.path, clip.speaker, clip.gender, clip.age_years, clip.age_group, clip.language)
        if clip
        else ("", "", "", "unknown", None, "unknown", "")
    )
    licence = clip.licence if clip else ""
    return (piece.kind, piece.version, *about, piece.split, licence, start, len(piece.frames))
