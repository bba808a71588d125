"""Jobs written in groups: few commits, no job lost, no caller hurt by another."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.submission import Submitter
from shared.problems import Unavailable
from tests.gateway.jobs.enqueued import submission

pytestmark = pytest.mark.anyio

MANY = 50


class Database:
    """What a test sees of the database: its commits, and its jobs."""

    def __init__(self, client: DBOSClient, engine: sa.Engine) -> None:
        self._client, self._engine = client, engine
        self.commits = 0
        sa.event.listen(engine, "commit", self._committed)

    def _committed(self, _: sa.Connection) -> None:
        self.commits += 1

    async def jobs(self) -> set[str]:
        return {status.workflow_id for status in await self._client.list_workflows_async(load_input=False)}

    def rename(self, old: str, new: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


@pytest.fixture
async def database(client: DBOSClient, engine: sa.Engine) -> Database:
    return Database(client, engine)


@pytest.fixture
async def submitter(client: DBOSClient, engine: sa.Engine, database: Database) -> AsyncIterator[Submitter]:
    submitter = Submitter(client, engine)
    async with submitter.running():
        yield submitter


async def submitted(submitter: Submitter, job_id: str) -> str:
    return (await submitter.submit(submission(job_id))).workflow_id


async def gathered(submitter: Submitter, *ids: str) -> list[str | BaseException]:
    return await asyncio.gather(*(submitted(submitter, one) for one in ids), return_exceptions=True)


def ids(count: int = MANY) -> list[str]:
    return [f"job_{number}" for number in range(count)]


async def test_those_that_come_together_share_commits(submitter: Submitter, database: Database) -> None:
    assert await gathered(submitter, *ids()) == ids()
    assert 1 <= database.commits <= 3
    assert await database.jobs() == set(ids())


async def test_one_alone_does_not_wait_for_others(submitter: Submitter, database: Database) -> None:
    async with asyncio.timeout(5):
        for number in range(3):
            await submitter.submit(submission(f"job_{number}"))
            assert await database.jobs() == set(ids(number + 1))


async def test_it_is_written_before_the_caller_is_told(submitter: Submitter, database: Database) -> None:
    await submitter.submit(submission("job_1"))
    assert await database.jobs() == {"job_1"}


async def test_the_same_id_makes_one_job(submitter: Submitter, database: Database) -> None:
    assert await gathered(submitter, *["job_1"] * MANY) == ["job_1"] * MANY
    assert await database.jobs() == {"job_1"}


async def test_an_id_that_another_kind_has_is_left_as_it_is_and_hurts_nobody(
    client: DBOSClient, submitter: Submitter, database: Database
) -> None:
    await submitter.submit(submission("job_0"))
    async with asyncio.timeout(10):
        await asyncio.gather(
            submitter.submit(submission("job_1")),
            submitter.submit(submission("job_0", name="another-kind")),
            submitter.submit(submission("job_2")),
        )
        await submitter.submit(submission("job_3"))
    assert await database.jobs() == set(ids(4))
    (first,) = await client.list_workflows_async(workflow_ids=["job_0"], load_input=False)
    assert first.name == "emotional-speech"


async def test_a_database_that_fails_is_unavailable_to_all_that_wait_and_to_nobody_after(
    submitter: Submitter, database: Database
) -> None:
    database.rename("workflow_status", "gone")
    told = await gathered(submitter, *ids())
    assert [type(one) for one in told] == [Unavailable] * MANY
    assert "gone" not in str(told[0])
    assert "workflow_status" not in str(told[0])
    database.rename("gone", "workflow_status")
    assert await database.jobs() == set()
    assert await gathered(submitter, *ids()) == ids()
    assert await database.jobs() == set(ids())


async def test_a_caller_who_leaves_hurts_nobody_and_the_job_stands(submitter: Submitter, database: Database) -> None:
    waiting = [asyncio.create_task(submitted(submitter, one)) for one in ids()]
    await asyncio.sleep(0)  # all of them are in the group
    waiting[7].cancel()
    told = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(told.pop(7), asyncio.CancelledError)
    assert told == [f"job_{number}" for number in range(MANY) if number != 7]
    assert await database.jobs() == set(ids())
