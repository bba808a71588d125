"""The database that holds the jobs: one SQLite file on one machine, PostgreSQL where several share the work."""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.schema import CreateTable

from shared.problems import InvalidInput

_POSTGRES = ("postgresql://", "postgres://")
_BUSY_MILLISECONDS = 30_000
_LOOK_SECONDS = 0.02
CONNECTIONS = 20


def open_engine(location: str, *, durable: bool) -> sa.Engine:
    """Return an engine for "postgresql://..." or for the path of a SQLite file, whose folder is made.

    With `durable` a commit is on the disk before it returns: what is acknowledged to a caller needs that. A worker's
    own notes do not: after a power cut it makes the steps again whose notes were lost (after a mere crash, none).
    Raises InvalidInput for an address of another kind.
    """
    if location.startswith(_POSTGRES):
        return _postgres(location, durable=durable)
    if "://" in location:
        raise InvalidInput("TIMBRE_DATABASE is the path of a file, or postgresql://...")
    return _sqlite(Path(location).absolute(), durable=durable)


def make_table(engine: sa.Engine, table: sa.Table) -> None:
    """Make a table if it is not there."""
    others_make_it = (sa.exc.IntegrityError, sa.exc.ProgrammingError)  # at this very moment, in PostgreSQL
    with suppress(*others_make_it), engine.begin() as connection:
        connection.execute(CreateTable(table, if_not_exists=True))


def _postgres(location: str, *, durable: bool) -> sa.Engine:
    url = sa.make_url(location).set(drivername="postgresql+psycopg")
    commit = "on" if durable else "off"
    options = {"options": f"-c synchronous_commit={commit}", "connect_timeout": 10}
    return sa.create_engine(url, pool_size=CONNECTIONS, max_overflow=0, pool_pre_ping=True, connect_args=options)


def _sqlite(path: Path, *, durable: bool) -> sa.Engine:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{path}", pool_size=CONNECTIONS, max_overflow=0)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"  # writers take turns, and never find out too late
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA foreign_keys=ON")
        _write_ahead(connection)
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on. SQLite itself would not wait while another process makes the tables."""
    end = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > end:
                raise
            time.sleep(_LOOK_SECONDS)
        else:
            return
