"""From a table to the catalogue: who speaks, on which side they come, and then clip by clip."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

from shared.objects.atomic import atomic_write, opened_folder
from shared.problems import Conflict
from training.speaker.data.catalogue import Catalogue, Note
from training.speaker.data.clip import Clip, Speaker
from training.speaker.data.database import reported
from training.speaker.data.gathering import Gathering
from training.speaker.data.measuring import measured
from training.speaker.data.rows import Tally
from training.speaker.data.source import Source
from training.speaker.data.splits import Shares

_BATCH_CLIPS = 2_000
Item = TypeVar("Item")
Show = Callable[[float, str], None]
"""Is told which share is done, and what is being done."""


@dataclass
class Imported:
    """What became of the import of one table."""

    source: str
    was_done: bool = False
    """Whether all of it was in the catalogue before, so that nothing was changed."""
    clips: int = 0
    """In the catalogue, of this table."""
    speakers: Counter[str] = field(default_factory=Counter)
    """How many were dealt to each split now."""
    tally: Tally = field(default_factory=Tally)


def import_table(
    catalogue: Catalogue, source: Source, shares: Shares, show: Show, *, has_moved: bool = False
) -> Imported:
    """Bring a table into the catalogue, from where an earlier import of the same broke off.

    Raises Conflict where the data set lies elsewhere, unless it `has_moved`, and what the source and the catalogue
    raise; called again, it goes on.
    """
    version, note = source.version(), catalogue.note(source.name)
    if note and note.version == version and note.is_done:
        return Imported(source.name, was_done=True, clips=note.clips)
    imported = Imported(source.name)
    _locate(catalogue, source, has_moved)
    with reported(), Gathering(catalogue.speakers()) as gathering:
        for some in _batches(_clips(source, Tally(), show, writes=False)):
            gathering.add(some)
        for speakers in _batches(gathering.dealt(shares)):
            catalogue.remember(speakers)
            imported.speakers.update(speaker.split for speaker in speakers)
        clips = _clips(source, imported.tally, show, writes=True)
        done = note.clips if note and note.version == version else 0
        for _ in islice(clips, done):
            pass  # these are in the catalogue, as the table comes in the same order each time
        clips = measured(source.objects, clips) if source.measures else clips
        written = _write(catalogue, source.name, map(gathering.with_split, clips), note, Note(version, done))
        imported.clips = written.clips
    return imported


def write_record(catalogue: Catalogue, path: Path) -> None:
    """Write down who is in which split, as a CSV that appears whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with opened_folder(path.parent) as folder, atomic_write(folder, path.name) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(Speaker._fields)
        writer.writerows(catalogue.speakers())
        text.flush()
        text.detach()


def _locate(catalogue: Catalogue, source: Source, has_moved: bool) -> None:
    """Keep where the data set lies: clips of two places under one name would be looked for at one of them."""
    known = catalogue.locations().get(source.data_set, source.location)
    if known != source.location and not has_moved:
        raise Conflict("The data set of that name lies elsewhere: name this one otherwise, or say that it --moved.")
    catalogue.locate(source.data_set, source.location)


def _write(catalogue: Catalogue, name: str, clips: Iterator[Clip], note: Note | None, done: Note) -> Note:
    """Write the clips that are not there yet, after those that `done` counts, and return the last note."""
    for some in _batches(clips):
        done = done._replace(clips=done.clips + len(some))
        catalogue.add(some, name, note, done)
        note = done
    done = done._replace(is_done=True)
    catalogue.add([], name, note, done)
    return done


def _clips(source: Source, tally: Tally, show: Show, *, writes: bool) -> Iterator[Clip]:
    """Yield the clips, and show how far it is: the table is read twice, each time half of the work."""
    start, doing = (0.5, "writing clips") if writes else (0.0, "reading who speaks")
    size_bytes, read_bytes = max(source.size_bytes, 1), 0

    def advance(more_bytes: int) -> None:
        nonlocal read_bytes
        read_bytes += more_bytes
        show(start + min(read_bytes / size_bytes, 1.0) / 2, doing)

    with source.clips(tally, advance, with_durations=writes) as clips:
        yield from clips


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    rest = iter(items)
    while some := list(islice(rest, _BATCH_CLIPS)):
        yield some
