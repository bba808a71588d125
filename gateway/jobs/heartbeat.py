"""Which workers live. Each counts up a number in the database; one whose number stands still too long is dead.

The waiting is measured by the watcher's own steady clock, so that no clock that jumps or differs kills a worker.
"""

import time

import sqlalchemy as sa

from gateway.jobs.database import make_table

_workers = sa.Table(
    "timbre_workers",
    sa.MetaData(),
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("beats", sa.BigInteger, nullable=False),
)


class Heartbeat:
    """This worker's number."""

    def __init__(self, engine: sa.Engine, worker_id: str) -> None:
        self._engine = engine
        self._id = worker_id

    def start(self) -> None:
        """Make the table and this worker's line, if they are not there; else count up: no two lives share a number."""
        make_table(self._engine, _workers)
        with self._engine.begin() as connection:
            if not connection.execute(self._more()).rowcount:
                connection.execute(_workers.insert().values(id=self._id, beats=0))

    def beat(self) -> None:
        """Count up."""
        with self._engine.begin() as connection:
            connection.execute(self._more())

    def _more(self) -> sa.Update:
        return _workers.update().where(_workers.c.id == self._id).values(beats=_workers.c.beats + 1)


class Watch:
    """The numbers of all workers, as one of them sees them over time."""

    def __init__(self, engine: sa.Engine, worker_id: str, lease_seconds: float) -> None:
        self._engine = engine
        self._id = worker_id
        self._lease_seconds = lease_seconds
        self._seen: dict[str, tuple[int, float]] = {}

    def dead(self, asked: set[str]) -> dict[str, int]:
        """Return those of the workers `asked` that are silent for longer than a lease, with their last number."""
        with self._engine.connect() as connection:
            beats = {row.id: row.beats for row in connection.execute(sa.select(_workers))}
        now = time.monotonic()
        for name in asked | beats.keys():
            number = beats.get(name, -1)  # one that never beat may have died before its first
            if name not in self._seen or self._seen[name][0] != number:
                self._seen[name] = (number, now)
        silent = {name for name, (_, since) in self._seen.items() if now - since > self._lease_seconds}
        return {name: self._seen[name][0] for name in silent & asked - {self._id}}
