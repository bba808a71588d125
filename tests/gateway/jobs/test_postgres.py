"""Jobs in PostgreSQL, where several machines share the work."""

import asyncio
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import httpx
import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.database import open_engine
from gateway.jobs.heartbeat import Heartbeat
from gateway.jobs.serialise import JsonSerializer
from gateway.jobs.submission import Submitter
from tests.gateway.jobs.enqueued import submission
from tests.gateway.jobs.postgres import Postgres, is_installed, running_postgres
from tests.gateway.jobs.stack import Stack, ended, fetched, order, posted_at_once, running, submitted
from tests.started import patiently

pytestmark = pytest.mark.skipif(not is_installed(), reason="needs PostgreSQL: postgresql")

LONG = " ".join(f"Number {number} of very many sentences." for number in range(600))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, engines: Stack, postgres: Postgres) -> Iterator[Stack]:
    """A gateway and two workers that start at once on an empty database."""
    names, folder = ("gateway", "one", "two"), tmp_path_factory.mktemp("stack")
    settings = {"TIMBRE_DATABASE": postgres.url, "TIMBRE_PARTS_AT_ONCE": "1"}
    with running(folder, *names, **engines.as_services, **settings) as stack:
        yield stack


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    """A client; each test is a caller of its own."""
    with stack.client(f"tmb_{secrets.token_hex(4)}") as http:
        yield http


@pytest.fixture
def engine(stack: Stack, postgres: Postgres) -> Iterator[sa.Engine]:
    with opened(postgres.url) as engine:
        yield engine


@contextmanager
def opened(url: str) -> Iterator[sa.Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def test_what_is_committed_is_on_the_disk(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_all_may_start_at_once(stack: Stack) -> None:
    for name in ("gateway", "one", "two"):
        assert "Traceback" not in stack.log(name)


def test_many_workers_may_start_at_once_where_none_ever_was(engine: sa.Engine, postgres: Postgres) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CREATE DATABASE fresh")
    together = Barrier(8)

    def start(number: int) -> None:
        with opened(postgres.url.removesuffix("postgres") + "fresh") as fresh:
            with fresh.connect():
                together.wait()
            Heartbeat(fresh, f"worker-{number}").start()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(start, range(8)))


def test_a_job_is_done(http: httpx.Client) -> None:
    results = fetched(http, ended(http, submitted(http, order("This is wonderful! Good morning."))))
    assert b'style="happy"' in results["tagged"]
    assert results["text"] == b"This is wonderful! Good morning."


def test_a_zero_byte_is_no_error_of_ours(http: httpx.Client) -> None:
    answer = http.post("/v1/jobs", json=order("Good\0 morning."))
    assert answer.status_code == 202
    assert ended(http, answer.json()["id"])["state"] in ("succeeded", "failed")


def test_many_equal_calls_at_once_make_one_job(http: httpx.Client) -> None:
    answers = posted_at_once(http)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.content for answer in answers}) == 1
    assert len(http.get("/v1/jobs").json()["jobs"]) == 1


def test_pages_hold_every_job_once_newest_first(http: httpx.Client) -> None:
    ids = [submitted(http, order("La.")) for _ in range(10)]
    first = http.get("/v1/jobs", params={"limit": 6}).json()
    new = submitted(http, order("La."))
    second = http.get("/v1/jobs", params={"limit": 6, "after": first["next"]}).json()
    assert [job["id"] for job in first["jobs"] + second["jobs"]] == ids[::-1]
    assert second["next"] is None
    assert http.get("/v1/jobs").json()["jobs"][0]["id"] == new


@pytest.mark.anyio
async def test_one_id_for_two_kinds_hurts_nobody(engine: sa.Engine) -> None:
    client = DBOSClient(system_database_engine=engine, serializer=JsonSerializer())
    submitter, name = Submitter(client, engine), f"test_{secrets.token_hex(4)}"
    async with submitter.running(), asyncio.timeout(20):
        await submitter.submit(submission(name, name="no-kind"))
        await asyncio.gather(
            submitter.submit(submission(f"{name}-1", name="no-kind")),
            submitter.submit(submission(name, name="another-kind")),
            submitter.submit(submission(f"{name}-2", name="no-kind")),
        )
    found = await client.list_workflows_async(workflow_id_prefix=name, load_input=False)
    assert {status.workflow_id for status in found} == {name, f"{name}-1", f"{name}-2"}
    await client.delete_workflows_async([status.workflow_id for status in found])


def test_the_living_worker_takes_over(stack: Stack, http: httpx.Client, engine: sa.Engine) -> None:
    job_id = submitted(http, order(LONG))
    worker = working_on(engine, job_id)
    stack.kill(worker)
    (other,) = {"one", "two"} - {worker}
    assert ended(http, job_id)["state"] == "succeeded"
    assert f"{job_id} succeeded" in stack.log(other)
    assert f"worker {worker} is silent; its jobs are taken over" in stack.log(other)
    stack.start(worker)
    stack.wait_ready(worker)


def test_the_database_may_die_in_the_middle(
    stack: Stack, http: httpx.Client, engine: sa.Engine, postgres: Postgres
) -> None:
    job_id = submitted(http, order(LONG))
    working_on(engine, job_id)
    postgres.stop()
    began = time.monotonic()
    answer = http.post("/v1/jobs", json=order("La."))
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert time.monotonic() - began < 10
    answer = http.get(f"/v1/jobs/{job_id}", params={"wait": 1})
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:timbre:problem:unavailable")
    postgres.start()
    assert ended(http, job_id)["state"] == "succeeded"
    assert ended(http, submitted(http, order("La.")))["state"] == "succeeded"


def working_on(engine: sa.Engine, job_id: str) -> str:
    """Return which worker does the job, once one does."""
    query = sa.text("SELECT executor_id FROM dbos.workflow_status WHERE workflow_uuid = :id AND status = 'PENDING'")
    for _ in patiently(20):
        with engine.connect() as connection:
            if worker := connection.execute(query, {"id": job_id}).scalar():
                return str(worker)
    raise AssertionError("nobody does the job")
