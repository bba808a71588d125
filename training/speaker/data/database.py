"""SQLite's own module as the catalogue and what is only held meanwhile use it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.problems import StorageFull, Unavailable

_BUSY_SECONDS = 30.0
_CACHE_KIBIBYTES = 65_536
_FULL = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE})


def connect(path: Path) -> sqlite3.Connection:
    """Open a database, made if it is not there; nothing is committed but by `transaction`. Raises Unavailable."""
    with reported():
        connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection


def scratch() -> sqlite3.Connection:
    """Open a database that nobody else sees: in memory while it is small, else in a file that goes with it."""
    connection = sqlite3.connect("", isolation_level=None)
    for setting in (f"cache_size=-{_CACHE_KIBIBYTES}", "journal_mode=OFF", "synchronous=OFF"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("BEGIN")  # and never committed: a transaction a statement would cost more than the statement
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all of the block or nothing of it; writers take turns."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def reported() -> Iterator[None]:
    """Turn SQLite's errors into problems. Raises StorageFull, Unavailable."""
    try:
        yield
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in _FULL:
            raise StorageFull("The disk of the catalogue, or that for temporary files, has no room left.") from error
        raise Unavailable(f"The catalogue cannot be read or written: {error}.") from error
