"""Waiting for the end of jobs."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.endings import Endings
from tests.gateway.jobs.enqueued import enqueue

pytestmark = pytest.mark.anyio


@pytest.fixture
async def endings(client: DBOSClient) -> AsyncIterator[Endings]:
    endings = Endings(client)
    async with endings.running(), asyncio.timeout(20):
        yield endings


async def waiting(endings: Endings, *ids: str) -> list[asyncio.Task[None]]:
    tasks = [asyncio.create_task(endings.of(job_id)) for job_id in ids]
    await asyncio.sleep(0)
    return tasks


async def test_each_is_told_of_its_own(client: DBOSClient, engine: sa.Engine, endings: Endings) -> None:
    enqueue(client, engine, "job_1", "job_2", caller="caller")
    first, again, second = await waiting(endings, "job_1", "job_1", "job_2")
    await client.cancel_workflow_async("job_1")
    await asyncio.gather(first, again)
    assert not second.done()
    await client.cancel_workflow_async("job_2")
    await second


async def test_one_that_is_no_more_is_not_waited_for(endings: Endings) -> None:
    await endings.of("job_1")


async def test_however_many_wait_one_question_is_asked_at_a_time(
    client: DBOSClient, engine: sa.Engine, endings: Endings
) -> None:
    ids = [f"job_{number}" for number in range(100)]
    enqueue(client, engine, *ids, caller="caller")
    queries: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *of: queries.append(of[2]))
    tasks = await waiting(endings, *ids)
    while len(queries) < 3:
        await asyncio.sleep(0.01)
    await client.cancel_workflows_async(ids)
    asked = len(queries)
    await asyncio.gather(*tasks)
    assert len(queries) <= asked + 3


async def test_when_all_have_left_nothing_is_asked(client: DBOSClient, engine: sa.Engine, endings: Endings) -> None:
    enqueue(client, engine, "job_1", caller="caller")
    (task,) = await waiting(endings, "job_1")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not endings._asked.is_set()
    assert not endings._waiting


async def test_a_database_that_fails_is_told_and_a_later_one_asks_anew(
    client: DBOSClient, engine: sa.Engine, endings: Endings
) -> None:
    enqueue(client, engine, "job_1", caller="caller")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE workflow_status RENAME TO gone")
    with pytest.raises(sa.exc.SQLAlchemyError):
        await endings.of("job_1")
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE gone RENAME TO workflow_status")
    await client.cancel_workflow_async("job_1")
    await endings.of("job_1")
