"""The database: safe for several processes, as durable as asked, and closed to other users."""

import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import pytest
import sqlalchemy as sa

from gateway.jobs.database import CONNECTIONS, open_engine
from shared.problems import InvalidInput


@contextmanager
def opened(path: Path) -> Iterator[sa.Engine]:
    engine = open_engine(str(path))
    yield engine
    engine.dispose()


def pragma(connection: sa.Connection, name: str) -> object:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


class TestSQLite:
    def test_every_connection_writes_ahead_and_has_what_it_commits_on_the_disk(self, tmp_path: Path) -> None:
        with opened(tmp_path / "jobs.sqlite") as engine:
            connections = [engine.connect() for _ in range(3)]
            for connection in connections:
                with closing(connection):
                    assert pragma(connection, "journal_mode") == "wal"
                    assert pragma(connection, "synchronous") == 2
                    assert pragma(connection, "foreign_keys") == 1
                    assert pragma(connection, "busy_timeout") >= 10_000

    def test_a_new_folder_is_private_and_one_that_is_there_stays_as_it_is(self, tmp_path: Path) -> None:
        (tmp_path / "there").mkdir(mode=0o755)
        for name in ("new", "there"):
            with opened(tmp_path / name / "jobs.sqlite") as engine, engine.connect():
                assert (tmp_path / name / "jobs.sqlite").exists()
        assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("new", "there")] == [0o700, 0o755]

    def test_a_relative_path_stays_where_it_was_first_opened(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        with opened(Path("state/jobs.sqlite")) as engine:
            monkeypatch.chdir("/")
            with engine.connect():
                assert (tmp_path / "state" / "jobs.sqlite").exists()

    def test_writers_take_turns_and_readers_do_not_wait(self, tmp_path: Path) -> None:
        path = tmp_path / "jobs.sqlite"
        with opened(path) as engine, opened(path) as other:
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE counted (number INTEGER)")
                connection.exec_driver_sql("INSERT INTO counted VALUES (0)")
            threads = [Thread(target=count_up, args=(one, 50)) for one in (engine, other)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with engine.begin() as writing, other.connect() as reading:
                writing.exec_driver_sql("UPDATE counted SET number = -1")
                assert reading.exec_driver_sql("SELECT number FROM counted").scalar() == 100

    def test_a_database_that_another_process_just_makes_is_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "jobs.sqlite"
        with (
            closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other,
            opened(path) as engine,
            ThreadPoolExecutor() as pool,
        ):
            other.execute("BEGIN IMMEDIATE")
            other.execute("CREATE TABLE made (number INTEGER)")
            looking = pool.submit(tables, engine)
            with pytest.raises(TimeoutError):
                looking.result(0.2)
            other.execute("COMMIT")
            assert looking.result(10) == ["made"]

    def test_more_callers_than_connections_wait_for_one(self, tmp_path: Path) -> None:
        with opened(tmp_path / "jobs.sqlite") as engine:
            held = [engine.connect() for _ in range(CONNECTIONS)]
            engine.pool._timeout = 0.01  # type: ignore[attr-defined]  # half a minute otherwise
            with pytest.raises(sa.exc.TimeoutError):
                engine.connect()
            for connection in held:
                connection.close()
            engine.connect().close()


def tables(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return sa.inspect(connection).get_table_names()


def count_up(engine: sa.Engine, times: int) -> None:
    for _ in range(times):
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE counted SET number = number + 1")


@pytest.mark.parametrize("address", ["postgresql+psycopg://host/db", "mysql://host/db", "sqlite:///jobs.sqlite"])
def test_another_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput):
        open_engine(address)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_an_address_is_postgresql(scheme: str) -> None:
    engine = open_engine(f"{scheme}://someone:word@db.example/jobs")
    assert (engine.dialect.name, engine.driver) == ("postgresql", "psycopg")
    assert (engine.url.host, engine.url.database, engine.url.password) == ("db.example", "jobs", "word")
