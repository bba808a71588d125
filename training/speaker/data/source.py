"""A table of clips, in a folder or a bucket: one of a release of Common Voice, or any other with its columns."""

import csv
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.objects import ObjectStore, open_objects
from shared.objects.location import folder_of
from shared.problems import InvalidInput, NotFound
from training.speaker.data.clip import Clip
from training.speaker.data.columns import columns_of
from training.speaker.data.gathering import Durations
from training.speaker.data.lines import lines
from training.speaker.data.rows import LeftOut, Rows, Tally, duration_of

TABLES = ("validated.tsv", "metadata.csv")
_DURATIONS = "clip_durations.tsv"
_COMMON_VOICE_LICENCE = "CC0-1.0"
_NAME = re.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Advance = Callable[[int], None]
"""Is told how many more bytes of the table were read."""


@dataclass(frozen=True)
class Source:
    """One table of one data set. Raises InvalidInput for a name that none may have."""

    data_set: str
    location: str
    """Folder or s3://bucket/prefix below which table and clips lie."""
    table: str
    licence: str = ""
    """Of rows that tell none."""
    language: str = ""
    """Of rows that tell none."""
    measures: bool = True
    """Whether to look how long clips are of which the table does not say it."""
    objects: ObjectStore = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.data_set):
            raise InvalidInput("A data set's name has up to 64 letters, digits, '.', '-' and '_'.")
        object.__setattr__(self, "objects", open_objects(self.location))

    @property
    def name(self) -> str:
        """What the import is noted under."""
        return f"{self.data_set}/{self.table}"

    @property
    def size_bytes(self) -> int:
        """Of the table. Raises NotFound."""
        return self.objects.head(self.table).size_bytes

    def version(self) -> str:
        """Return what changes whenever the table does, or what is said of it. Raises NotFound."""
        etags = [self.objects.head(key).etag for key in (self.table, *self._durations_keys())]
        told = "\n".join([*etags, self.location, self.licence, self.language, str(self.measures)])
        return hashlib.sha256(told.encode()).hexdigest()

    @contextmanager
    def clips(
        self, tally: Tally, advance: Advance = lambda _: None, *, with_durations: bool = True
    ) -> Iterator[Iterator[Clip]]:
        """Open the table as clips, in its order; what is left out is counted in `tally`.

        Lengths that only stand in another file are looked up `with_durations`, which costs as much as the table itself.
        Raises InvalidInput for a table without the columns that are needed, NotFound.
        """
        keys = self._durations_keys() if with_durations else []
        with self._rows(self.table, tally.left_out, advance) as rows, self._durations(keys) as durations:
            columns = columns_of(next(rows, []))
            licence = self.licence or (_COMMON_VOICE_LICENCE if columns.is_common_voice else "")
            if not licence and "licence" not in columns.places:
                raise InvalidInput("Say under which licence the recordings are (--licence); the table does not tell.")
            yield _clips(rows, Rows(columns, self.data_set, licence, self.language, durations.of, tally))

    @contextmanager
    def _rows(self, table: str, left_out: Counter[str], advance: Advance) -> Iterator[Iterator[list[str]]]:
        dialect: dict[str, object] = {"delimiter": "\t", "quoting": csv.QUOTE_NONE} if table.endswith(".tsv") else {}
        with self.objects.open(table) as chunks:
            yield _read(csv.reader(lines(_counted(chunks, advance), left_out), **dialect), left_out)  # type: ignore[arg-type]

    @contextmanager
    def _durations(self, keys: Sequence[str]) -> Iterator[Durations]:
        """Open what newer releases of Common Voice tell beside the table."""
        with Durations(pair for key in keys for pair in self._told_durations(key)) as durations:
            yield durations

    def _durations_keys(self) -> list[str]:
        return [_DURATIONS] if self.table.endswith(".tsv") and self.objects.exists(_DURATIONS) else []

    def _told_durations(self, key: str) -> Iterator[tuple[str, float]]:
        with self._rows(key, Counter(), lambda _: None) as rows:
            next(rows, [])
            for row in rows:
                if len(row) == 2 and (seconds := duration_of(row[1], 0.001)):
                    yield f"clips/{row[0]}", seconds


def sources(
    data_set: str, location: str, tables: list[str], licence: str, language: str, *, measures: bool = True
) -> list[Source]:
    """Return the tables to import: those that are named, or else that which is there. Raises InvalidInput, NotFound."""
    place = location if location.startswith("s3://") else str(folder_of(location))
    named = [Source(data_set, place, table, licence, language, measures) for table in tables or TABLES]
    found = named if tables else [source for source in named if source.objects.exists(source.table)][:1]
    if not found:
        raise NotFound(f"Neither {' nor '.join(TABLES)} is there; name the table with --table.")
    return found


def _counted(chunks: Iterator[bytes], advance: Advance) -> Iterator[bytes]:
    for chunk in chunks:
        advance(len(chunk))
        yield chunk


def _read(rows: Iterator[list[str]], left_out: Counter[str]) -> Iterator[list[str]]:
    """Yield the rows that can be read, and are not empty."""
    while True:
        try:
            row = next(rows, None)
        except csv.Error:
            left_out["row is not as CSV has them"] += 1
            continue
        if row is None:
            return
        if row:
            yield row


def _clips(rows: Iterator[list[str]], made: Rows) -> Iterator[Clip]:
    for row in rows:
        try:
            clip = made.clip(row)
        except LeftOut as why:
            made.tally.left_out[str(why)] += 1
            continue
        yield clip
