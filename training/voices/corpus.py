"""Recordings of a voice with their texts, from a folder or a bucket.

They lie as LJSpeech's do: metadata.csv beside a folder wavs/. Folders that are named after emotions, each with a
metadata.csv and wavs/ of its own, hold what is spoken in these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.objects import ObjectInfo, ObjectStore, open_objects
from shared.objects.base import LeftOut
from shared.problems import InvalidInput, NotFound, TooLarge
from shared.text.document import EMOTIONS
from training.voices.copies import local_folder
from training.voices.table import MOST_TABLE_BYTES, TABLE, Fault, Row, Table

MOST_SOUND_BYTES = 1 << 26
_SOUNDS = "wavs/"
_SUFFIXES = (".wav", ".flac")
_FAULTS_TOLD = 10


@dataclass(frozen=True, slots=True)
class Recording:
    """One utterance: its name within the corpus, its sound, and what is said how and by whom."""

    id: str
    sound: Path
    text: str
    """The normalised one, where there is one."""
    emotion: str = "neutral"
    speaker: str = ""
    place: str = ""
    """The line that names it, such as "metadata.csv, line 3"."""


@dataclass(frozen=True)
class Corpus:
    """What a data set holds, in the order of its lines, and the lines that cannot be used."""

    recordings: tuple[Recording, ...]
    folder: Path
    faults: tuple[Fault, ...] = ()

    @property
    def emotions(self) -> tuple[str, ...]:
        """Those that are spoken in, neutral first."""
        present = {recording.emotion for recording in self.recordings}
        return tuple(emotion for emotion in EMOTIONS if emotion in present)

    @property
    def speakers(self) -> tuple[str, ...]:
        """Their names, sorted; of a corpus that names none, one that is empty."""
        return tuple(sorted({recording.speaker for recording in self.recordings}))


def open_corpus(location: str, scratch: Path) -> Corpus:
    """Return the recordings of a folder or s3://bucket/prefix; those of a bucket are copied into `scratch`.

    Called again, it copies only what is missing. Raises InvalidInput where a line cannot be used, and says which and
    how to mend it; NotFound without a metadata.csv; TooLarge, StorageFull, StorageRefused, Unavailable.
    """
    corpus = read_corpus(location, scratch)
    if corpus.faults:
        told = [f"{fault.place}: {fault.what} {fault.mend}" for fault in corpus.faults[:_FAULTS_TOLD]]
        more = len(corpus.faults) - len(told)
        raise InvalidInput("\n".join([*told, *([f"{more} more lines cannot be used."] if more else [])]))
    return corpus


def read_corpus(location: str, scratch: Path) -> Corpus:
    """Return what `open_corpus` does, with the lines that cannot be used as faults."""
    objects = open_objects(location)
    rows, faults = _rows(objects)
    sounds, left_out = _listed(objects, {key for row in rows for key in _candidates(row)})
    wanted = {row: _sound(row, sounds, left_out) for row in rows}
    found = {row: sound for row, sound in wanted.items() if isinstance(sound, ObjectInfo)}
    faults += [sound for sound in wanted.values() if isinstance(sound, Fault)]
    folder = local_folder(objects, list(found.values()), scratch)
    recordings = tuple(
        Recording(row.id, folder / sound.key, row.text, row.emotion, row.speaker, row.place)
        for row, sound in found.items()
    )
    return Corpus(recordings, folder, tuple(faults))


def _rows(objects: ObjectStore) -> tuple[list[Row], list[Fault]]:
    """Return the lines of all tables; those of an emotion's folder are named with it."""
    rows: dict[str, Row] = {}
    faults: list[Fault] = []
    for row in _read(objects):
        if isinstance(row, Fault):
            faults.append(row)
        elif fault := _fault_of_name(row, rows, objects):
            faults.append(fault)
        else:
            rows[row.id] = row
    if not rows and not faults:
        raise InvalidInput(f"{TABLE} names no recordings; write a line for each: id|text.")
    return list(rows.values()), faults


def _read(objects: ObjectStore) -> Iterator[Row | Fault]:
    tables = [Table(), *(Table(f"{emotion}/", emotion) for emotion in EMOTIONS)]
    present = [table for table in tables if objects.exists(table.key)]
    if not present:
        told = "nor in a folder that is named after an emotion"
        raise NotFound(f"There is no {TABLE} here, {told} ({', '.join(EMOTIONS)}).")
    for table in present:
        yield from table.rows(_contents(objects, table.key))


def _contents(objects: ObjectStore, key: str) -> bytes:
    try:
        return objects.get(key, limit_bytes=MOST_TABLE_BYTES)
    except TooLarge as error:
        raise TooLarge(f"{key} has more than {MOST_TABLE_BYTES >> 20} MiB; part the data set.") from error


def _fault_of_name(row: Row, known: dict[str, Row], objects: ObjectStore) -> Fault | None:
    if row.id in known:
        return Fault(row.place, f"It names the recording of {known[row.id].place} again.", "Remove one of the lines.")
    if any(objects.fault_of(key) for key in _candidates(row)):
        return Fault(
            row.place, "Its name is none of a file below this folder.", "Name files plainly, as in LJ001-0001."
        )
    return None


def _candidates(row: Row) -> Sequence[str]:
    """Return the keys under which a recording may lie, those that are looked for first in front."""
    names = [row.name] if row.name.endswith(_SUFFIXES) else [f"{row.name}{suffix}" for suffix in _SUFFIXES]
    return [f"{row.folder}{folder}{each}" for folder in (_SOUNDS, "") for each in names]


def _listed(objects: ObjectStore, wanted: set[str]) -> tuple[dict[str, ObjectInfo], dict[str, str]]:
    """Return the objects that are wanted, by key, and why others of these names cannot be read."""
    left_out: dict[str, str] = {}

    def hear(unusable: LeftOut) -> None:
        if unusable.name in wanted or f"{unusable.name}/".endswith(_SOUNDS):
            left_out[unusable.name] = unusable.why

    return {found.key: found for found in objects.list("", hear) if found.key in wanted}, left_out


def _sound(row: Row, sounds: dict[str, ObjectInfo], left_out: dict[str, str]) -> ObjectInfo | Fault:
    candidates = _candidates(row)
    found = next((sounds[key] for key in candidates if key in sounds), None)
    if found is None:
        why = next((left_out[key] for key in (*candidates, f"{row.folder}{_SOUNDS}"[:-1]) if key in left_out), "")
        mend = why or "Put the file there, or remove the line."
        return Fault(row.place, f"There is no {candidates[0]}, nor {', nor '.join(candidates[1:])}.", mend)
    if found.size_bytes > MOST_SOUND_BYTES:
        told = f"{found.key} has more than {MOST_SOUND_BYTES >> 20} MiB."
        return Fault(row.place, told, "Cut it into recordings of a sentence each.")
    return found
