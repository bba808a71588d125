"""What must hold of jobs, whatever died meanwhile."""

from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from gateway.jobs.database import open_engine
from tests.gateway.jobs.stack import Stack, ended, fetched, order, submitted
from tests.started import command_of, patiently

FILES = {"audio": "audio.wav", "tagged": "tagged.ssml", "text": "text.txt"}
_STEPS = "SELECT function_name FROM {schema}operation_outputs WHERE workflow_uuid = :id ORDER BY function_id"
_CHECK_INDEXES = """
    SELECT bt_index_check(index.oid, true) FROM pg_class index JOIN pg_am ON pg_am.oid = index.relam
    WHERE pg_am.amname = 'btree' AND index.relkind = 'i'"""
Results = dict[str, bytes]


class Records:
    """What the job engine wrote down, and the database that holds it."""

    def __init__(self, location: str) -> None:
        self._engine = open_engine(location)
        self._is_sqlite = self._engine.dialect.name == "sqlite"
        self._schema = "" if self._is_sqlite else "dbos."

    def query(self, text: str, **given: Any) -> list[tuple[Any, ...]]:
        """Return the rows; `{schema}` stands before the name of a table."""
        with self._engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(text.format(schema=self._schema)), given)]

    def require_each_step_once(self, job_id: str) -> None:
        """Each step of a job that succeeded is written down once, in order."""
        names = [name for (name,) in self.query(_STEPS, id=job_id)]
        parts = names.count("speak")
        assert names[: 4 + parts] == ["store", "tag", *["speak"] * parts, "join", "tidy"], names
        assert len(set(names[4 + parts :])) == len(names[4 + parts :]), "a webhook is told of a job once"

    def require_sound(self) -> None:
        """The database is whole: the file, or all indexes against their tables."""
        if self._is_sqlite:
            assert self.query("PRAGMA integrity_check") == [("ok",)]
            return
        with self._engine.begin() as connection:
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS amcheck")
        assert len(self.query(_CHECK_INDEXES)) > 20

    def close(self) -> None:
        self._engine.dispose()


class Ledger:
    """The jobs that were acknowledged, with what each must make: the results of an undisturbed run."""

    def __init__(self, stack: Stack, undisturbed: dict[str, Results], records: Records) -> None:
        self._stack = stack
        self.records = records
        self._undisturbed = undisturbed
        self._texts: dict[str, str] = {}
        self._ended: dict[str, dict[str, Any]] = {}
        self._cancelled: set[str] = set()

    def submit(self, http: httpx.Client, text: str, **headers: str) -> str:
        """Have a job taken that must succeed."""
        job_id = submitted(http, order(text), **headers)
        self.acknowledged(job_id, text)
        return job_id

    def acknowledged(self, job_id: str, text: str) -> None:
        """Note a job that was taken and must succeed."""
        self._texts[job_id] = text

    def cancelled(self, job_id: str) -> None:
        """Note that a job must end as cancelled."""
        self._cancelled.add(job_id)

    def forget(self) -> None:
        """Note that no job may be there any more."""
        self._texts.clear()
        self._ended.clear()

    def settle(self, http: httpx.Client) -> None:
        """Wait until all have ended, and see that all is as if nothing had happened."""
        self.end_well(http)
        self._require_clean()
        for _ in patiently(30):  # it asks the services whether they are back
            if (answer := http.get("/health/ready")).status_code == 200:
                break
        assert answer.status_code == 200, answer.text

    def end_well(self, http: httpx.Client) -> None:
        """Wait until all have ended, and see that each has ended once and as it should; it may be tidied up later."""
        for job_id in self._texts.keys() - self._ended.keys():
            self._settle_one(http, job_id)
        self._require_unchanged(http)

    def next_succeeds(self, http: httpx.Client) -> None:
        """See that work goes on."""
        self.submit(http, next(iter(self._undisturbed)))
        self.settle(http)

    def _settle_one(self, http: httpx.Client, job_id: str) -> None:
        job = self._ended[job_id] = ended(http, job_id)
        if job_id in self._cancelled:
            assert (job["state"], job["results"]) == ("cancelled", [])
            return
        assert fetched(http, job) == self._undisturbed[self._texts[job_id]]
        self.records.require_each_step_once(job_id)

    def _require_unchanged(self, http: httpx.Client) -> None:
        """A job ends once: what is told of it afterwards stays the same to the millisecond."""
        for job_id, job in self._ended.items():
            assert http.get(f"/v1/jobs/{job_id}").json() == job

    def _require_clean(self) -> None:
        wanted = {
            f"jobs/{job_id}/{FILES[name]}": len(data)
            for job_id, text in self._texts.items()
            if job_id not in self._cancelled
            for name, data in self._undisturbed[text].items()
        }
        for _ in patiently(150):  # clearing up behind a job may go on for a while
            if self._stack.stored() == wanted:
                break
        assert self._stack.stored() == wanted, self._stack.stored()
        assert list(self._stack.temporary.iterdir()) == []
        assert strays(self._stack) == []
        self.records.require_sound()


def strays(stack: Stack) -> list[str]:
    """Return the command lines of processes that those of the stack left behind."""
    dead = stack.sessions - {process.pid for process in stack.processes.values() if process.poll() is None}
    left = [stat.parent.name for stat in Path("/proc").glob("[0-9]*/stat") if _session(stat) in dead]
    return [command_of(int(number)) for number in left]


def _session(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[3])
    except OSError:  # it has ended meanwhile
        return 0
