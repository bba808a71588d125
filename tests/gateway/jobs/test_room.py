"""How many jobs may wait or run."""

from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs import room
from gateway.jobs.room import Room
from shared.problems import Busy
from tests.gateway.jobs.enqueued import enqueue

pytestmark = pytest.mark.anyio


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(room, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


async def refused(room: Room, caller: str) -> Busy:
    with pytest.raises(Busy) as caught:
        await room.require(caller)
    return caught.value


async def test_each_caller_has_a_bound_of_its_own(client: DBOSClient, clock: SimpleNamespace) -> None:
    room = Room(client, 10, 2)
    for caller in ("a", "a", "b"):
        await room.require(caller)
    problem = await refused(room, "a")
    assert (problem.status, problem.retry_after_seconds) == (429, 5)
    assert "2 of your jobs" in problem.detail
    await room.require("b")


async def test_all_callers_have_a_bound_together(client: DBOSClient, clock: SimpleNamespace) -> None:
    room = Room(client, 3, 2)
    for caller in ("a", "b", "c"):
        await room.require(caller)
    assert "3 jobs" in (await refused(room, "d")).detail


async def test_jobs_that_are_there_count_and_ended_ones_do_not(
    client: DBOSClient, engine: sa.Engine, clock: SimpleNamespace
) -> None:
    enqueue(client, engine, "job_1", "job_2", caller="a")
    enqueue(client, engine, "other", caller="a", name="no-kind-of-job")
    room = Room(client, 10, 2)
    await refused(room, "a")
    await client.cancel_workflow_async("job_1")
    clock.now += 2
    await room.require("a")


async def test_it_counts_at_most_once_a_second_and_adds_what_it_lets_in(
    client: DBOSClient, engine: sa.Engine, clock: SimpleNamespace
) -> None:
    room = Room(client, 10, 3)
    queries: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *of: queries.append(of[2]))
    for _ in range(3):
        await room.require("a")
    await refused(room, "a")
    assert len(queries) == 1
    clock.now += 2
    await room.require("a")  # none of the three was ever written, so they count no more
    assert len(queries) == 2
