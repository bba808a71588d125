"""Outcomes in a table of the database that holds the jobs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from gateway.jobs.database import make_table, problem_of
from gateway.speaker.predictions import SPARE, Outcome, Predictions

_INSERTS: dict[str, Callable[[sa.Table], sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_table = sa.Table(
    "timbre_predictions",
    sa.MetaData(),
    sa.Column("recording", sa.String(1024), primary_key=True),
    sa.Column("etag", sa.String(256), nullable=False),
    sa.Column("prediction", sa.JSON(none_as_null=True)),
    sa.Column("problem", sa.JSON(none_as_null=True)),
    sa.Column("written_seconds", sa.BigInteger, nullable=False),
)


class DatabasePredictions(Predictions):
    """Outcomes in SQLite or PostgreSQL; the table is made if it is not there."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._insert = _INSERTS[engine.dialect.name]
        make_table(engine, _table)

    def get(self, key: str) -> Outcome | None:
        """Read one row."""
        columns = (_table.c.etag, _table.c.prediction, _table.c.problem)
        with self._transaction() as connection:
            row = connection.execute(sa.select(*columns).where(_table.c.recording == key)).one_or_none()
        return None if row is None else Outcome(*row)

    def put(self, key: str, outcome: Outcome) -> None:
        """Write one row, or leave the one that is there, in one statement."""
        row = {"recording": key, **asdict(outcome), "written_seconds": int(time.time())}
        insert = self._insert(_table).values(row)
        stays = sa.and_(_table.c.etag == outcome.etag, _table.c.prediction.is_not(sa.null()))
        fresh = {name: insert.excluded[name] for name in row}
        with self._transaction() as connection:
            connection.execute(insert.on_conflict_do_update(index_elements=["recording"], set_=fresh, where=~stays))

    def delete(self, key: str) -> None:
        """Remove one row."""
        with self._transaction() as connection:
            connection.execute(_table.delete().where(_table.c.recording == key))

    def expire(self, before: datetime) -> None:
        """Remove old rows."""
        with self._transaction() as connection:
            connection.execute(_table.delete().where(_table.c.written_seconds < (before - SPARE).timestamp()))

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise problem_of(error) from error
