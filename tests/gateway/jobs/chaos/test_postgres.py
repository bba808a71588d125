"""Jobs in PostgreSQL: the database dies again and again, and one of two workers dies; all jobs end once."""

import itertools
import random
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.gateway.jobs.chaos.invariants import Ledger, Records
from tests.gateway.jobs.chaos.mortal import TEXTS, killed
from tests.gateway.jobs.postgres import Postgres, is_installed, running_postgres
from tests.gateway.jobs.stack import Stack, order, running
from tests.started import patiently

Moments = Iterable[tuple[float, float]]
"""Seconds to the next kill, and from there to the next start."""

pytestmark = pytest.mark.skipif(not is_installed(), reason="needs PostgreSQL: postgresql")


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture
def stack(tmp_path: Path, engines: Stack, postgres: Postgres) -> Iterator[Stack]:
    """A gateway and two workers."""
    settings = {"TIMBRE_DATABASE": postgres.url, "TIMBRE_JOBS_PER_KEY": "1000"}
    with running(tmp_path / "stack", "gateway", "one", "two", **engines.as_services, **settings) as stack:
        yield stack


@pytest.fixture
def records(postgres: Postgres) -> Iterator[Records]:
    records = Records(postgres.url)
    yield records
    records.close()


@contextmanager
def dying(postgres: Postgres, moments: Moments) -> Iterator[None]:
    """Kill the server again and again."""
    over = threading.Event()

    def kill() -> None:
        for pause_seconds, down_seconds in moments:
            if over.wait(pause_seconds):
                return
            postgres.kill()
            killed["PostgreSQL"] += 1
            time.sleep(down_seconds)
            postgres.start()

    with ThreadPoolExecutor(1) as pool:
        killing = pool.submit(kill)
        try:
            yield
        finally:
            over.set()
        killing.result()


def insist(http: httpx.Client, ledger: Ledger, key: str, text: str) -> str:
    """Submit a job, as often as it takes, and return its id."""
    for _ in patiently(300):
        answer = http.post("/v1/jobs", json=order(text), headers={"Idempotency-Key": key})
        if answer.status_code == 202:
            ledger.acknowledged(str(answer.json()["id"]), text)
            return str(answer.json()["id"])
        assert answer.status_code == 503, answer.text
    raise AssertionError("the job is not taken")


def outlast(http: httpx.Client, job_id: str, seconds: float) -> None:
    """Wait until a job has ended, whoever is away meanwhile."""
    for _ in patiently(seconds):
        answer = http.get(f"/v1/jobs/{job_id}", params={"wait": 2})
        if answer.status_code == 200 and answer.json()["ended"]:
            return
    raise AssertionError(f"{job_id} has not ended: {answer.text}")


def chaos(
    jobs: int, moments: Moments, http: httpx.Client, ledger: Ledger, postgres: Postgres, pause_seconds: float = 0
) -> None:
    """Have jobs submitted by eight callers, who make pauses, and the server killed until all have ended."""
    texts = {f"key {number}": TEXTS[number % len(TEXTS)] for number in range(jobs)}

    def call(key: str) -> str:
        time.sleep(pause_seconds)
        return insist(http, ledger, key, texts[key])

    with dying(postgres, moments), ThreadPoolExecutor(8) as callers:
        ids = list(callers.map(call, texts))
        for job_id in ids:
            outlast(http, job_id, 900)
    assert len(set(ids)) == jobs
    ledger.settle(http)
    ledger.next_succeeds(http)


@pytest.mark.heavy
def test_the_database_may_die_every_few_seconds_under_many_jobs(
    dice: random.Random, http: httpx.Client, ledger: Ledger, postgres: Postgres
) -> None:
    moments = ((dice.uniform(5, 40), dice.uniform(0, 2)) for _ in itertools.count())
    chaos(500, moments, http, ledger, postgres, pause_seconds=4)  # so that all take some minutes


@pytest.mark.heavy
def test_the_database_may_die_under_some_jobs(
    dice: random.Random, http: httpx.Client, ledger: Ledger, postgres: Postgres
) -> None:
    chaos(12, [(dice.uniform(0.5, 1.5), dice.uniform(0, 1)) for _ in range(2)], http, ledger, postgres)
