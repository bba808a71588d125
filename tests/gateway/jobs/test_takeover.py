"""What the living do with the jobs of a dead worker."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.names import CANCELLED
from gateway.jobs.takeover import take_over
from tests.gateway.jobs.enqueued import enqueue

pytestmark = pytest.mark.anyio


def taken(client: DBOSClient, engine: sa.Engine, worker_id: str, *ids: str, name: str = "emotional-speech") -> None:
    """Leave jobs in the database as they are while a worker does them."""
    enqueue(client, engine, *ids, caller="caller", name=name)
    update = "UPDATE workflow_status SET status = 'PENDING', executor_id = ?, owner_xid = 'x' WHERE workflow_uuid = ?"
    with engine.begin() as connection:
        for job_id in ids:
            connection.exec_driver_sql(update, (worker_id, job_id))


async def states(client: DBOSClient) -> dict[str, str]:
    return {status.workflow_id: status.status for status in await client.list_workflows_async()}


async def cancel(client: DBOSClient, job_id: str) -> None:
    """Do what the job book does when a caller cancels."""
    await client.update_workflow_attributes_async(job_id, {"fingerprint": "f", CANCELLED: True})
    await client.cancel_workflow_async(job_id)


async def test_all_that_the_dead_worker_did_is_put_back(client: DBOSClient, engine: sa.Engine) -> None:
    taken(client, engine, "dead", "job_1", "job_2")
    taken(client, engine, "dead", "job_1-clear", name="clear")
    assert await take_over(client, "dead") == 3
    assert set((await states(client)).values()) == {"ENQUEUED"}


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
