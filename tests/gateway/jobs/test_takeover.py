"""What the living do with the jobs of a dead worker."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.database import open_engine
from gateway.jobs.enqueuing import chore_options
from gateway.jobs.names import CANCELLED, FORGET, MOST_LIVES, SWEEP, TAKEN_OVER
from gateway.jobs.serialise import JsonSerializer
from gateway.jobs.takeover import take_over
from shared.objects import open_objects
from tests.gateway.jobs.enqueued import enqueue
from tests.gateway.jobs.stack import Stack, ended, order, running, submitted
from tests.started import patiently

pytestmark = pytest.mark.anyio


def taken(client: DBOSClient, engine: sa.Engine, worker_id: str, *ids: str, name: str = "emotional-speech") -> None:
    """Leave jobs in the database as they are while a worker does them."""
    enqueue(client, engine, *ids, caller="caller", name=name)
    update = "UPDATE workflow_status SET status = 'PENDING', executor_id = ?, owner_xid = 'x' WHERE workflow_uuid = ?"
    with engine.begin() as connection:
        for job_id in ids:
            connection.exec_driver_sql(update, (worker_id, job_id))


async def states(client: DBOSClient) -> dict[str, str]:
    found = await client.list_workflows_async()
    return {status.workflow_id: status.status for status in found if status.name != SWEEP}


async def cancel(client: DBOSClient, job_id: str) -> None:
    """Do what the job book does when a caller cancels."""
    await client.update_workflow_attributes_async(job_id, {"fingerprint": "f", CANCELLED: True})
    await client.cancel_workflow_async(job_id)


async def test_all_that_the_dead_worker_did_is_put_back(client: DBOSClient, engine: sa.Engine) -> None:
    taken(client, engine, "dead", "job_1", "job_2")
    taken(client, engine, "dead", "job_1-clear", name="clear")
    assert await take_over(client, "dead") == 3
    put_back = await client.list_workflows_async(status="ENQUEUED", load_input=False)
    queues = {status.workflow_id: status.queue_name for status in put_back}
    assert queues == {"job_1": "jobs", "job_2": "jobs", "job_1-clear": "chores"}
    assert [(status.attributes or {})[TAKEN_OVER] for status in put_back] == [1, 1, 1]


async def test_what_it_may_still_store_is_swept_up_later(client: DBOSClient, engine: sa.Engine) -> None:
    taken(client, engine, "dead", "job_1")
    await take_over(client, "dead")
    (sweep,) = await client.list_workflows_async(name=SWEEP)
    assert (sweep.workflow_id, sweep.status) == ("job_1-sweep-1", "DELAYED")


async def test_what_is_not_the_dead_worker_s_is_left_alone(client: DBOSClient, engine: sa.Engine) -> None:
    taken(client, engine, "living", "job_1")
    enqueue(client, engine, "job_2", caller="caller")
    taken(client, engine, "dead", "job_3")
    await client.cancel_workflow_async("job_3")
    before = await states(client)
    assert await take_over(client, "dead") == 0
    assert await states(client) == before == {"job_1": "PENDING", "job_2": "ENQUEUED", "job_3": "CANCELLED"}
    (job,) = await client.list_workflows_async(workflow_ids=["job_1"])
    assert job.executor_id == "living"


async def test_the_second_of_two_has_nothing_left_to_do(client: DBOSClient, engine: sa.Engine) -> None:
    taken(client, engine, "dead", "job_1")
    await take_over(client, "dead")
    taken(client, engine, "living", "job_1")
    assert await take_over(client, "dead") == 0
    assert await states(client) == {"job_1": "PENDING"}


async def test_a_job_that_is_half_cancelled_is_not_done_again(client: DBOSClient, engine: sa.Engine) -> None:
    """The job book marks a job first, and cancels it then."""
    taken(client, engine, "dead", "job_1", "job_2")
    await client.update_workflow_attributes_async("job_1", {CANCELLED: True})
    await take_over(client, "dead")
    assert await states(client) == {"job_1": "CANCELLED", "job_2": "ENQUEUED"}


class Interrupted(DBOSClient):
    """In the middle of a take-over, when the jobs are found and not yet put back, another comes first."""

    dies = False

    async def resume_workflows_async(self, workflow_ids: list[str], **options: Any) -> Any:
        await cancel(self, "job_1")
        found = await super().resume_workflows_async(workflow_ids, **options)
        if self.dies:
            raise asyncio.CancelledError
        return found


@pytest.fixture
def interrupted(client: DBOSClient, engine: sa.Engine) -> Interrupted:
    return Interrupted(system_database_engine=engine, retry_connection_errors=False)


async def test_a_job_cancelled_in_the_same_moment_stays_cancelled(
    client: DBOSClient, interrupted: Interrupted, engine: sa.Engine
) -> None:
    taken(client, engine, "dead", "job_1", "job_2")
    await take_over(interrupted, "dead")
    assert await states(client) == {"job_1": "CANCELLED", "job_2": "ENQUEUED"}


async def test_so_it_does_when_the_one_who_takes_over_dies_too(
    client: DBOSClient, interrupted: Interrupted, engine: sa.Engine
) -> None:
    taken(client, engine, "dead", "job_1", "job_2")
    interrupted.dies = True
    with pytest.raises(asyncio.CancelledError):
        await take_over(interrupted, "dead")
    assert (await states(client))["job_1"] == "ENQUEUED"
    await take_over(client, "dead")
    assert await states(client) == {"job_1": "CANCELLED", "job_2": "ENQUEUED"}


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Stack]:
    with running(tmp_path / "stack", "worker") as stack:
        yield stack


def leave_a_chore(worker: Stack, job_id: str, worker_id: str) -> None:
    """Leave the chore to remove what a job stored as a worker leaves it that dies over it."""
    engine = open_engine(str(worker.folder / "jobs.sqlite"))
    client = DBOSClient(system_database_engine=engine, serializer=JsonSerializer())
    open_objects(str(worker.data)).put(f"jobs/{job_id}/audio.mp3", b"sound")
    with engine.begin() as connection:
        client.enqueue_in_transaction(connection, chore_options(FORGET, f"{job_id}-forget"), job_id)
        update = "UPDATE workflow_status SET status = 'PENDING', executor_id = ? WHERE workflow_uuid = ?"
        connection.exec_driver_sql(update, (worker_id, f"{job_id}-forget"))
    engine.dispose()


def test_one_that_dies_twice_before_it_ever_says_that_it_lives(worker: Stack) -> None:
    """Its number is the same both times, and yet its work is taken over both times."""
    for job_id in ("job_1", "job_2"):
        leave_a_chore(worker, job_id, "stillborn")
        assert any(not worker.stored() for _ in patiently(20)), worker.log("worker")


def test_a_job_that_kills_whoever_does_it_is_given_up(tmp_path: Path, engines: Stack) -> None:
    with running(tmp_path / "stack", "gateway", **engines.as_services) as stack, stack.client() as http:
        job_id = submitted(http, order("Good morning."))
        engine = open_engine(str(stack.folder / "jobs.sqlite"))
        DBOSClient(system_database_engine=engine, serializer=JsonSerializer()).update_workflow_attributes(
            job_id, {TAKEN_OVER: MOST_LIVES}, merge=True
        )
        engine.dispose()
        stack.start("worker")
        job = ended(http, job_id)
        assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:engine-failed")
        assert str(MOST_LIVES) in job["error"]["detail"]
        assert http.post(f"/v1/jobs/{job_id}/retry").status_code == 202
        assert ended(http, job_id)["state"] == "succeeded"
