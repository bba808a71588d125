"""A worker is killed in its chores: while it clears up, forgets, tells of an end, or has old jobs expire."""

import random
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from dbos import DBOSClient

from gateway.jobs.database import open_engine
from gateway.jobs.enqueuing import chore_options
from gateway.jobs.serialise import JsonSerializer
from tests.gateway.jobs.chaos.invariants import Ledger
from tests.gateway.jobs.chaos.mortal import ENDLESS, KILLS, TEXTS, WORKER, Mortal
from tests.gateway.jobs.stack import Stack, ended, order, running, submitted
from tests.started import patiently


class Worker(Mortal):
    """A worker that dies, and a caller who gives it chores."""

    def __init__(self, stack: Stack, ledger: Ledger, dice: random.Random, http: httpx.Client) -> None:
        super().__init__(stack, "worker", WORKER)
        self.stack, self.ledger, self.dice, self.http = stack, ledger, dice, http

    def submit(self, count: int) -> list[str]:
        return [self.ledger.submit(self.http, self.dice.choice(TEXTS)) for _ in range(count)]

    def begun(self) -> str:
        """Return a job that is in its middle."""
        job_id = submitted(self.http, order(ENDLESS))
        assert any(f"{job_id}/parts/" in name for _ in patiently(30) for name in self.stack.stored())
        return job_id

    def require_gone(self) -> None:
        assert any(not self.http.get("/v1/jobs").json()["jobs"] for _ in patiently(60))
        self.ledger.forget()


@pytest.fixture
def stack(tmp_path: Path, engines: Stack) -> Iterator[Stack]:
    """A gateway, and workers to be that may call webhooks here."""
    settings = {"TIMBRE_WEBHOOKS_INSIDE": "1", "TIMBRE_PARTS_AT_ONCE": "1"}
    with running(tmp_path / "stack", "gateway", **engines.as_services, **settings) as stack:
        yield stack


@pytest.fixture
def worker(stack: Stack, ledger: Ledger, dice: random.Random, http: httpx.Client) -> Worker:
    return Worker(stack, ledger, dice, http)


def clear(worker: Worker, point: str) -> None:
    worker.start(f"{point}:{worker.dice.randint(1, 4)}")
    ids = [worker.begun() for _ in range(2)]
    with worker.dying():
        for job_id in ids:
            worker.ledger.acknowledged(job_id, ENDLESS)
            worker.ledger.cancelled(job_id)
            assert worker.http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"


def forget(worker: Worker, point: str) -> None:
    worker.start(f"{point}:{worker.dice.randint(1, 3)}")
    for job_id in worker.submit(3):
        assert ended(worker.http, job_id)["state"] == "succeeded"
    with worker.dying():
        assert worker.http.delete("/v1/jobs").json()["jobs"] == 3
    worker.stack.start("worker")
    worker.require_gone()


def expire(worker: Worker, point: str) -> None:
    worker.start(f"{point}:{worker.dice.randint(1, 3)}")
    for job_id in worker.submit(3):
        assert ended(worker.http, job_id)["state"] == "succeeded"
    with closing(sqlite3.connect(worker.stack.folder / "jobs.sqlite", timeout=30)) as database, database:
        database.execute("UPDATE workflow_status SET completed_at = 1 WHERE completed_at IS NOT NULL")
    with worker.dying():
        _enqueue_expire(worker.stack.folder / "jobs.sqlite")
    worker.stack.start("worker")
    worker.require_gone()


def tell(worker: Worker, point: str) -> None:
    """Each end is told, and told truly; twice, if the telling was not written down."""
    with webhook() as (url, told):
        worker.start(f"{point}:{worker.dice.randint(1, 2)}")
        hook = {"url": url, "secret": "sixteen characters"}
        with worker.dying():
            for text in TEXTS:
                job_id = submitted(worker.http, {**order(text), "webhook": hook})
                worker.ledger.acknowledged(job_id, text)
        worker.stack.start("worker")
        worker.ledger.settle(worker.http)
        for _ in patiently(60):
            if len({body["id"] for body in told}) == len(TEXTS):
                break
    assert {body["state"] for body in told} == {"succeeded"}
    assert len({orjson.dumps(body) for body in told}) == len(TEXTS) <= len(told) <= len(TEXTS) + 1


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield an address, and what it is told."""
    told = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(orjson.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", told
        server.shutdown()
        thread.join()


def _enqueue_expire(database: Path) -> None:
    """Have old jobs expire now, not at the full hour."""
    engine = open_engine(str(database))
    client = DBOSClient(system_database_engine=engine, serializer=JsonSerializer())
    client.enqueue(chore_options("expire", f"expire-{secrets.token_hex(8)}"), None, None)
    client.destroy()
    engine.dispose()


CHORES: dict[str, tuple[Callable[[Worker, str], None], str]] = {
    "clear": (clear, "object-deleted"),
    "forget": (forget, "object-deleted"),
    "forgetting": (forget, "forgetting"),
    "forgot": (forget, "forgot"),
    "expire": (expire, "object-deleted"),
    "expiring": (expire, "expiring"),
    "telling": (tell, "telling"),
    "told": (tell, "told"),
}


def die(name: str, kills: int, worker: Worker) -> None:
    chore, point = CHORES[name]
    for _ in range(kills):
        chore(worker, point)
        if "worker" not in worker.stack.processes:
            worker.stack.start("worker")
        worker.ledger.settle(worker.http)
        worker.stack.kill("worker")
    worker.stack.start("worker")
    worker.ledger.next_succeeds(worker.http)


@pytest.mark.heavy
@pytest.mark.parametrize("name", CHORES)
def test_it_may_die_in_any_chore(name: str, worker: Worker) -> None:
    die(name, KILLS, worker)


@pytest.mark.parametrize("name", ["clear", "expiring", "told"])
def test_it_may_die_in_a_chore(name: str, worker: Worker) -> None:
    die(name, 1, worker)
