"""Steps of a job, done by the real job engine."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any

import orjson
import pytest
from dbos import DBOS

from gateway.jobs import running
from gateway.jobs.database import open_engine
from gateway.jobs.running import Result, Running, Work, may_pass
from gateway.jobs.serialise import JsonSerializer
from gateway.upstream import Relayed
from shared.problems import (
    Busy,
    EngineFailed,
    InvalidInput,
    InvalidMarkup,
    ModelNotFound,
    NotFound,
    StorageFull,
    StorageRefused,
    TimedOut,
    TooLarge,
    Unavailable,
)

pytestmark = pytest.mark.anyio

Story = Callable[[Running], Awaitable[Any]]
Do = Callable[[Story], Awaitable[Any]]


@pytest.fixture(scope="module")
def do(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Do]:
    """Does a job: a function that is given the job and makes its steps."""
    engine = open_engine(str(tmp_path_factory.mktemp("state") / "jobs.sqlite"))
    DBOS(
        config={
            "name": "test",
            "system_database_engine": engine,
            "serializer": JsonSerializer(),
            "use_listen_notify": False,
            "log_level": "CRITICAL",
        }
    )
    stories: list[Story] = []

    @DBOS.workflow(name="story")
    async def workflow() -> Any:
        return await stories[-1](Running(DBOS.workflow_id or "", "caller"))

    async def run(story: Story) -> Any:
        stories.append(story)
        return await (await DBOS.start_workflow_async(workflow)).get_result()

    DBOS.launch()
    yield run
    DBOS.destroy(destroy_registry=True)
    engine.dispose()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setitem(running.RETRIES, "interval_seconds", 0.001)


def failing(*errors: Exception) -> tuple[Work, list[int]]:
    """Return work that fails so and then goes well, and a list of its tries."""
    tries: list[int] = []

    async def work() -> Result:
        tries.append(len(tries))
        if len(tries) <= len(errors):
            raise errors[len(tries) - 1]
        return {"tries": len(tries)}

    return work, tries


class TestStep:
    async def test_a_failure_that_may_pass_is_tried_again(self, do: Do) -> None:
        work, _ = failing(Unavailable("away"), Busy("full"), TimedOut("slow"))
        assert await do(lambda job: job.step("speak", work)) == {"tries": 4}

    async def test_one_that_stays_is_raised_at_once(self, do: Do) -> None:
        work, tries = failing(InvalidInput("That is no text.", param="text"))
        with pytest.raises(InvalidInput, match="no text"):
            await do(lambda job: job.step("tag", work))
        assert tries == [0]

    async def test_it_is_given_up_after_many_tries(self, do: Do) -> None:
        work, tries = failing(*[Unavailable("away")] * 20)
        with pytest.raises(Exception, match="maximum of 8"):
            await do(lambda job: job.step("speak", work))
        assert len(tries) == 8

    async def test_not_all_who_fail_at_once_try_again_at_once(self) -> None:
        base_seconds = running.RETRIES["interval_seconds"]
        shares = {running._options("speak")["interval_seconds"] / base_seconds for _ in range(50)}
        assert len(shares) == 50
        assert all(0.5 <= share <= 1.5 for share in shares)

    async def test_its_name_and_result_are_remembered(self, do: Do) -> None:
        ids: list[str] = []

        async def story(job: Running) -> Result:
            ids.append(job.id)
            return await job.step("store", failing()[0])

        await do(story)
        (step,) = await DBOS.list_workflow_steps_async(ids[0])
        assert (step["function_name"], step["output"]) == ("store", {"tries": 1})


class TestSteps:
    async def test_results_come_in_order_however_the_steps_end(self, do: Do) -> None:
        async def work(number: int) -> Result:
            await asyncio.sleep(0.05 if number == 0 else 0)
            return {"number": number}

        works = [partial(work, number) for number in range(5)]
        found = await do(lambda job: job.steps("speak", works, 3))
        assert [one["number"] for one in found] == list(range(5))

    async def test_no_more_than_so_many_are_made_at_once(self, do: Do) -> None:
        at_once: list[int] = []
        busy = 0

        async def work() -> Result:
            nonlocal busy
            busy += 1
            at_once.append(busy)
            await asyncio.sleep(0.01)
            busy -= 1
            return {}

        await do(lambda job: job.steps("speak", [work] * 10, 3))
        assert max(at_once) == 3

    async def test_one_that_fails_ends_the_others(self, do: Do) -> None:
        ended = asyncio.Event()

        async def long() -> Result:
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()
            return {}

        async def story(job: Running) -> object:
            try:
                return await job.steps("speak", [long, failing(InvalidInput("no"))[0], long], 2)
            finally:
                assert ended.is_set()

        async with asyncio.timeout(20):
            with pytest.raises(InvalidInput):
                await do(story)

    async def test_none_are_none(self, do: Do) -> None:
        assert await do(lambda job: job.steps("speak", [], 2)) == []

    async def test_one_that_fails_can_leave_the_others_alone(self, do: Do) -> None:
        failed = asyncio.Event()

        async def fail() -> Result:
            failed.set()
            raise InvalidInput("no")

        async def go_well() -> Result:
            await failed.wait()
            return {"went": "well"}

        async def story(job: Running) -> object:
            ended = await job.settled("share", [fail, go_well, fail])
            return [one if isinstance(one, dict) else type(one).__name__ for one in ended]

        assert await do(story) == ["InvalidInput", {"went": "well"}, "InvalidInput"]


class TestMayPass:
    @pytest.mark.parametrize("kind", [Unavailable, TimedOut, Busy, EngineFailed, StorageFull])
    def test_what_another_time_may_go_well(self, kind: type[Exception]) -> None:
        assert may_pass(kind("later"))

    @pytest.mark.parametrize(
        "kind", [InvalidInput, InvalidMarkup, NotFound, ModelNotFound, TooLarge, StorageRefused, ValueError]
    )
    def test_what_stays_as_it_is(self, kind: type[Exception]) -> None:
        assert not may_pass(kind("never"))

    @pytest.mark.parametrize(
        ("status", "passes"), [(400, False), (404, False), (413, False), (429, True), (500, True), (503, True)]
    )
    def test_a_service_s_answer_is_judged_by_its_status(self, status: int, passes: bool) -> None:
        assert may_pass(Relayed(status, orjson.dumps({"status": status}), {})) is passes
