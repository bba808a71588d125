"""Acted speech, measured: who says what in which emotion, and what it sounds like."""

import hashlib
import inspect
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shared.problems import InvalidInput
from training.shared.sounds import Damaged, read_sound
from training.shared.workers import Workers, cores
from training.voices.corpus import open_corpus
from training.voices.layouts.clips import TABLE, Clip, clips_of
from training.voices.listener import contours, measures
from training.voices.listener.contours import RATE_HZ, Curve

_MOST_SECONDS = 60.0
_BATCH = 20
_WORTH_A_PROCESS = 200
"""Clips: fewer are measured before another process has started."""
_MEASURING = (contours, measures)


@dataclass(frozen=True)
class Heard:
    """Utterances: their measures, (utterances, measures), the emotion and the speaker of each."""

    rows: Curve
    emotions: tuple[str, ...]
    speakers: tuple[str, ...]

    def only(self, emotions: Sequence[str]) -> "Heard":
        """Return what is spoken in these."""
        kept = [index for index, emotion in enumerate(self.emotions) if emotion in emotions]
        named = (tuple(names[index] for index in kept) for names in (self.emotions, self.speakers))
        return Heard(self.rows[kept], *named)


def acted(folder: Path, cache: Path) -> Heard:
    """Return what is heard in a folder; sounds that were measured before are not measured again.

    The folder has a table of clips (path, text, emotion, speaker) or is laid out as voices are trained on. What is not
    voiced is left out. Raises InvalidInput, NotFound, OSError.
    """
    clips = _clips(folder)
    path = cache / f"{_fingerprint(clips)}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _write(path, _measured(clips))
    with np.load(path, allow_pickle=False) as stored:
        return Heard(stored["rows"], tuple(stored["emotions"].tolist()), tuple(stored["speakers"].tolist()))


def joined(parts: Sequence[Heard]) -> Heard:
    """Return all utterances of several data sets, whose speakers are not the same people."""
    return Heard(
        np.concatenate([part.rows for part in parts]),
        tuple(emotion for part in parts for emotion in part.emotions),
        tuple(f"{number} {speaker}" for number, part in enumerate(parts) for speaker in part.speakers),
    )


def _clips(folder: Path) -> list[Clip]:
    if _has_paths(folder / TABLE):
        return list(clips_of(folder))
    recordings = open_corpus(str(folder), folder).recordings
    return [Clip(each.sound, each.text, each.emotion, each.speaker) for each in recordings]


def _has_paths(table: Path) -> bool:
    """Tell whether it is a table of clips, and none of LJSpeech's kind."""
    if not table.is_file():
        return False
    with table.open(encoding="utf-8") as file:
        return "path" in file.readline().strip().split(",")


def _fingerprint(clips: Sequence[Clip]) -> str:
    """Return what changes with the recordings, and with what is measured of them."""
    known = hashlib.sha256()
    for module in _MEASURING:
        known.update(inspect.getsource(module).encode())
    for clip in clips:
        about = clip.path.stat()
        known.update(
            f"{clip.path.resolve()}|{about.st_size}|{about.st_mtime_ns}|{clip.emotion}|{clip.speaker}\n".encode()
        )
    return known.hexdigest()[:32]


def _measured(clips: Sequence[Clip]) -> Heard:
    with Workers(min(cores(), 1 + len(clips) // _WORTH_A_PROCESS)) as workers:
        rows = [row for batch in workers.map("listening", _rows_of, clips, _BATCH) for row in batch]
    known = [(row, clip) for row, clip in zip(rows, clips, strict=True) if row is not None]
    if not known:
        raise InvalidInput("Nothing in these recordings is voiced.")
    if len(known) < len(clips):
        sys.stderr.write(f"{len(clips) - len(known)} recordings are left out: nothing in them is voiced.\n")
    return Heard(
        np.array([row for row, _ in known]),
        tuple(clip.emotion for _, clip in known),
        tuple(clip.speaker for _, clip in known),
    )


def _rows_of(clips: Sequence[Clip]) -> list[list[float] | None]:
    return [_row_of(clip) for clip in clips]


def _row_of(clip: Clip) -> list[float] | None:
    try:
        return list(measures.measures(read_sound(clip.path, RATE_HZ, _MOST_SECONDS)).values())
    except Damaged as error:
        raise InvalidInput(f"{clip.path.name} cannot be read: {error}") from error
    except ValueError:
        return None


def _write(path: Path, heard: Heard) -> None:
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, rows=heard.rows, emotions=np.array(heard.emotions), speakers=np.array(heard.speakers))
    partial.replace(path)
