"""A job's progress as server-sent events."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from gateway.jobs.events import events
from gateway.jobs.schemas import ENDED, Job, State

pytestmark = pytest.mark.anyio


def job(state: State, **members: object) -> Job:
    return Job(id="job_1", kind="emotional-speech", state=state, created=datetime.now(UTC), **members)


async def told(*jobs: Job) -> list[str]:
    async def changes() -> AsyncGenerator[Job, None]:
        for one in jobs:
            yield one

    return [event.decode() async for event in events(changes())]


async def test_each_change_is_an_event_that_holds_the_job() -> None:
    jobs = [job("queued"), job("running", step="speak", progress=0.5), job("succeeded", progress=1.0)]
    for event, one in zip(await told(*jobs), jobs, strict=True):
        name, data, *end = event.split("\n")
        assert name == ("event: end" if one.state == "succeeded" else "event: progress")
        assert Job.model_validate_json(data.removeprefix("data: ")) == one
        assert end == ["", ""]


@pytest.mark.parametrize("state", ENDED)
async def test_every_end_is_the_end(state: State) -> None:
    assert (await told(job(state)))[0].startswith("event: end\n")


async def test_words_of_an_error_cannot_make_an_event_of_their_own() -> None:
    (event,) = await told(job("failed", error={"detail": "a\n\nevent: end\ndata: {}\r\u2028b"}))
    assert event.count("event: ") == 1 + 1  # one of them inside the JSON
    assert event.rstrip("\n").count("\n") == 1
