"""What must hold of jobs, whatever died meanwhile."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.jobs.stack import Stack, ended, fetched, order, submitted
from tests.started import command_of, patiently

FILES = {"audio": "audio.wav", "tagged": "tagged.ssml", "text": "text.txt"}
_STEPS = "SELECT function_name FROM operation_outputs WHERE workflow_uuid = ? ORDER BY function_id"
Results = dict[str, bytes]


class Ledger:
    """The jobs that were acknowledged, with what each must make: the results of an undisturbed run."""

    def __init__(self, stack: Stack, undisturbed: dict[str, Results]) -> None:
        self._stack = stack
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
        for job_id in self._texts.keys() - self._ended.keys():
            self._settle_one(http, job_id)
        self._require_unchanged(http)
        self._require_clean()
        for _ in patiently(30):  # it asks the services whether they are back
            if (answer := http.get("/health/ready")).status_code == 200:
                break
        assert answer.status_code == 200, answer.text

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
        require_each_step_once(self._stack, job_id)

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
        for _ in patiently(30):  # clearing up behind a job may go on for a moment
            if self._stack.stored() == wanted:
                break
        assert self._stack.stored() == wanted, self._stack.stored()
        assert list(self._stack.temporary.iterdir()) == []
        assert strays(self._stack) == []
        require_sound(self._stack)


def require_each_step_once(stack: Stack, job_id: str) -> None:
    with closing(sqlite3.connect(stack.folder / "jobs.sqlite")) as database:
        names = [name for (name,) in database.execute(_STEPS, [job_id])]
    parts = names.count("speak")
    assert names[: 4 + parts] == ["store", "tag", *["speak"] * parts, "join", "tidy"]
    assert len(set(names[4 + parts :])) == len(names[4 + parts :]), "a webhook is told of a job once"


def require_sound(stack: Stack) -> None:
    """The database file is whole."""
    with closing(sqlite3.connect(stack.folder / "jobs.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


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
