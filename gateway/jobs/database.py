"""The database that holds the jobs: one SQLite file on one machine, PostgreSQL where several share the work."""

import sqlite3
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.schema import CreateTable

from shared.problems import InvalidInput, Problem, StorageFull, Unavailable

_POSTGRES = ("postgresql://", "postgres://")
_BUSY_MILLISECONDS = 30_000
_LOOK_SECONDS = 0.02
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE, "53100"})
"""SQLite's codes, of which the second is a quota's, and PostgreSQL's."""
_LOST_MILLISECONDS = 15_000
"""After this time PostgreSQL and we give each other up: a worker whose network is cut must not keep its locks."""
CONNECTIONS = 20


def open_engine(location: str, *, waits: bool = False) -> sa.Engine:
    """Return an engine for "postgresql://..." or for the path of a SQLite file, whose folder is made.

    A commit is on the disk before it returns: what is acknowledged to a caller needs that, and a worker's notes too.
    A job whose last step was forgotten could not make the one before it again, as its parts are removed by then.
    With `waits` a full disk is waited out, as a worker does; without, it is an error that a caller is told.
    Raises InvalidInput for an address of another kind.
    """
    if location.startswith(_POSTGRES):
        return _postgres(location)
    if "://" in location:
        raise InvalidInput("TIMBRE_DATABASE is the path of a file, or postgresql://...")
    return _sqlite(Path(location).absolute(), waits=waits)


def problem_of(error: Exception) -> Problem:
    """Return what a caller is told of an error of the database."""
    if _is_full(error):
        return StorageFull("The disk of the database of jobs has no room left.")
    return Unavailable("The database of jobs cannot be reached, or fails.")


def _is_full(error: BaseException) -> bool:
    cause = getattr(error, "orig", None) or error
    return {getattr(cause, "sqlite_errorcode", None), getattr(cause, "sqlstate", None)} & _FULL != set()


def make_table(engine: sa.Engine, table: sa.Table) -> None:
    """Make a table if it is not there."""
    others_make_it = (sa.exc.IntegrityError, sa.exc.ProgrammingError)  # at this very moment, in PostgreSQL
    with suppress(*others_make_it), engine.begin() as connection:
        connection.execute(CreateTable(table, if_not_exists=True))


def _postgres(location: str) -> sa.Engine:
    url = sa.make_url(location).set(drivername="postgresql+psycopg")
    server = {
        "synchronous_commit": "on",
        "idle_in_transaction_session_timeout": _LOST_MILLISECONDS,
        "tcp_keepalives_idle": _LOST_MILLISECONDS // 1000,
    }
    options = " ".join(f"-c {name}={value}" for name, value in server.items())
    client = {"options": options, "connect_timeout": 10, "tcp_user_timeout": _LOST_MILLISECONDS}
    return sa.create_engine(url, pool_size=CONNECTIONS, max_overflow=0, pool_pre_ping=True, connect_args=client)


def _sqlite(path: Path, *, waits: bool) -> sa.Engine:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = sa.create_engine(f"sqlite:///{path}", pool_size=CONNECTIONS, max_overflow=0)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:
        connection.isolation_level = "IMMEDIATE"  # writers take turns, and never find out too late
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA foreign_keys=ON")
        _write_ahead(connection)
        connection.execute("PRAGMA synchronous=FULL")

    if waits:
        event.listen(engine, "handle_error", _wait_for_room)
    return engine


def _wait_for_room(context: sa.engine.ExceptionContext) -> Exception | None:
    """Say of a full disk what the job engine waits out. Else it would leave the job as running, with nobody on it."""
    if not _is_full(context.original_exception):
        return None
    waited_for = sqlite3.OperationalError("database is locked: its disk is full")
    return sa.exc.OperationalError(None, None, waited_for)


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
