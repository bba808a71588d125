"""What is held beside the catalogue while a table is imported: who speaks in it, and how long its clips are."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Self

from training.speaker.data.clip import Clip, Speaker
from training.speaker.data.database import scratch
from training.speaker.data.splits import Shares, dealt

_TABLES = (
    "CREATE TABLE seen (speaker, gender, age_group, clips, PRIMARY KEY (speaker, gender, age_group)) WITHOUT ROWID",
    "CREATE TABLE known (speaker PRIMARY KEY, gender, age_group, split) WITHOUT ROWID",
)
_SEEN = "INSERT INTO seen VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET clips = clips + 1"
_NEW = """
CREATE TABLE new AS SELECT speaker, gender, age_group FROM (
    SELECT *, row_number() OVER (
        PARTITION BY speaker ORDER BY (gender = 'unknown') + (age_group = 'unknown'), clips DESC, gender, age_group
    ) AS place FROM seen
) WHERE place = 1 AND speaker NOT IN (SELECT speaker FROM known)
ORDER BY gender, age_group, place_of(speaker), speaker
"""
"""Of a speaker whose clips differ, what most of them say counts, and what is known more than what is not."""


class Gathering:
    """The speakers of one table, however many."""

    def __init__(self, known: Iterable[Speaker]) -> None:
        """`known` are those that have a split already."""
        self._database = scratch()
        for table in _TABLES:
            self._database.execute(table)
        self._know(known)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, clips: Iterable[Clip]) -> None:
        """Take note of who speaks in some clips."""
        self._database.executemany(_SEEN, ((clip.speaker, clip.gender, clip.age_group) for clip in clips))

    def dealt(self, shares: Shares) -> Iterator[Speaker]:
        """Yield those who had no split, with the one that they get, always in the same order; from then on it is known.

        The order is what lets an import that broke off deal on as if it had not.
        """
        self._database.create_function("place_of", 1, shares.order, deterministic=True)
        self._database.execute(_NEW)
        counts = self._database.execute("SELECT gender, age_group, count(*) FROM known GROUP BY 1, 2")
        known = Counter({(gender, age_group): count for gender, age_group, count in counts})
        for speaker in dealt(self._database.execute("SELECT * FROM new ORDER BY rowid"), known, shares):
            self._know([speaker])
            yield speaker

    def with_split(self, clip: Clip) -> Clip:
        """Return the clip with its speaker's split."""
        found = self._database.execute("SELECT split FROM known WHERE speaker = ?", (clip.speaker,)).fetchone()
        return clip._replace(split=found[0])

    def _know(self, speakers: Iterable[Speaker]) -> None:
        self._database.executemany("INSERT INTO known VALUES (?, ?, ?, ?)", speakers)


class Durations:
    """How long the clips of a release are, however many."""

    def __init__(self, told: Iterable[tuple[str, float]]) -> None:
        self._database: sqlite3.Connection = scratch()
        self._database.execute("CREATE TABLE durations (path PRIMARY KEY, seconds) WITHOUT ROWID")
        self._database.executemany("INSERT OR REPLACE INTO durations VALUES (?, ?)", told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def of(self, path: str) -> float | None:
        """Return the seconds of the clip at that path, None where they are not known."""
        with closing(self._database.execute("SELECT seconds FROM durations WHERE path = ?", (path,))) as found:
            row = found.fetchone()
        return None if row is None else row[0]
