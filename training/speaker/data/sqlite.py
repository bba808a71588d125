"""The catalogue in a SQLite file."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from shared.problems import Conflict, NotFound
from training.speaker.data.catalogue import AT_WORK, DEALT_ALREADY, Catalogue, Note, Wanted, accent_key
from training.speaker.data.clip import SPLITS, Clip, Speaker
from training.speaker.data.database import connect, reported, transaction

_CLIP = ", ".join(Clip._fields)
_TABLES = (
    f"CREATE TABLE IF NOT EXISTS clips ({_CLIP}, accent_key, UNIQUE (data_set, path))",
    "CREATE INDEX IF NOT EXISTS by_person ON clips (gender, age_group, accent_key)",
    "CREATE INDEX IF NOT EXISTS by_split ON clips (data_set, split)",
    "CREATE TABLE IF NOT EXISTS speakers (speaker PRIMARY KEY, gender, age_group, split) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS imports (source PRIMARY KEY, version, clips, is_done) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS data_sets (name PRIMARY KEY, location) WITHOUT ROWID",
)
_PUT_CLIP = f"INSERT OR REPLACE INTO clips VALUES ({', '.join('?' * (len(Clip._fields) + 1))})"  # noqa: S608
_AT_ONCE = 1000
_LAST = "\U0010ffff"
"""Comes after all that an accent may go on with."""


class SQLiteCatalogue(Catalogue):
    """Tables in one file; a batch of clips and the note of the import are one transaction."""

    def __init__(self, path: Path, *, create: bool) -> None:
        """Raise NotFound where no file is, and none is to be made."""
        if not create and not path.exists():
            raise NotFound("There is no catalogue yet: `timbre dataset import` makes it.")
        with reported():
            if create:
                with suppress(OSError):  # what is wrong, SQLite says
                    path.parent.mkdir(parents=True, exist_ok=True)
            self._database = connect(path)
            for table in _TABLES:
                self._database.execute(table)

    def note(self, source: str) -> Note | None:
        """Read one row."""
        rows = self._rows("SELECT version, clips, is_done FROM imports WHERE source = ?", source)
        return next((Note(version, clips, bool(is_done)) for version, clips, is_done in rows), None)

    def add(self, clips: Sequence[Clip], source: str, before: Note | None, after: Note) -> None:
        """Write all in one transaction."""
        with reported(), transaction(self._database):
            if self.note(source) != before:
                raise Conflict(AT_WORK)
            self._database.executemany(_PUT_CLIP, ((*clip, accent_key(clip.accent)) for clip in clips))
            self._database.execute("INSERT OR REPLACE INTO imports VALUES (?, ?, ?, ?)", (source, *after))

    def speakers(self) -> Iterator[Speaker]:
        """Read the rows, split by split."""
        for split in SPLITS:
            rows = self._rows("SELECT * FROM speakers WHERE split = ? ORDER BY speaker", split)
            yield from map(Speaker._make, rows)

    def remember(self, speakers: Sequence[Speaker]) -> None:
        """Write the rows in one transaction."""
        with reported(), transaction(self._database):
            insert = "INSERT INTO speakers VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
            if self._database.executemany(insert, speakers).rowcount < len(speakers):
                raise Conflict(DEALT_ALREADY)

    def locations(self) -> dict[str, str]:
        """Read the rows."""
        return dict(self._rows("SELECT * FROM data_sets"))

    def locate(self, data_set: str, location: str) -> None:
        """Write one row."""
        with reported():
            self._database.execute("INSERT OR REPLACE INTO data_sets VALUES (?, ?)", (data_set, location))

    def clips(self, wanted: Wanted) -> Iterator[Clip]:
        """Read the rows that an index finds, some at a time."""
        conditions, values = _conditions(wanted)
        rows = self._rows(f"SELECT {_CLIP} FROM clips{conditions}", *values)  # noqa: S608 - no user's text
        return map(Clip._make, rows)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _rows(self, query: str, *values: str) -> Iterator[Any]:
        with reported():
            cursor = self._database.execute(query, values)
            while rows := cursor.fetchmany(_AT_ONCE):
                yield from rows


def _conditions(wanted: Wanted) -> tuple[str, list[str]]:
    """Return the rest of a query, and its values."""
    exact = ("gender", "age_group", "language", "data_set", "split")
    found = {f"{name} = ?": [value] for name in exact if (value := getattr(wanted, name))}
    if wanted.accent:
        start = accent_key(wanted.accent)
        found["accent_key BETWEEN ? AND ?"] = [start, start + _LAST]
    values = [value for values in found.values() for value in values]
    return (f" WHERE {' AND '.join(found)}" if found else ""), values
