"""What jobs keep, wherever it lies."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.jobs.kept import Kept
from gateway.jobs.results import made, made_prediction
from gateway.jobs.running import Running
from gateway.speaker.predictions import Outcome
from shared.problems import NotFound

pytestmark = pytest.mark.anyio

JOB = Running("job_1", "caller")
KEY = "recordings/job_1"


async def content(kept: Kept, one: dict[str, object]) -> bytes:
    return b"".join([chunk async for chunk in kept.chunks(one)])


async def test_a_result_is_an_object(kept: Kept) -> None:
    kept.objects.put("jobs/job_1/text.txt", b"words")
    one = made(JOB, "text", "text.txt", "text/plain", 5)
    assert await content(kept, one) == b"words"


async def test_results_of_older_jobs_do_not_say_where_they_lie(kept: Kept) -> None:
    kept.objects.put("jobs/job_1/text.txt", b"words")
    assert await content(kept, {"name": "text", "key": "jobs/job_1/text.txt"}) == b"words"


async def test_or_a_prediction(kept: Kept) -> None:
    kept.predictions.put(KEY, Outcome("e", {"model": "a/1", "age": {"years": 34.5}}))
    assert await content(kept, made_prediction("prediction", KEY, 37)) == b'{"age":{"years":34.5},"model":"a/1"}'


async def test_one_that_is_gone_is_not_found(kept: Kept) -> None:
    kept.predictions.put("recordings/failed", Outcome("e", problem={"status": 500}))
    for key in (KEY, "recordings/failed"):
        with pytest.raises(NotFound):
            await anext(kept.chunks(made_prediction("prediction", key, 1)))


async def test_predictions_without_a_job_expire_with_the_jobs(kept: Kept) -> None:
    kept.predictions.put("recordings/somebody", Outcome("e", {"model": "a/1"}))
    kept.expire(datetime.now(UTC) - timedelta(days=30))
    assert kept.predictions.get("recordings/somebody")
    kept.expire(datetime.now(UTC) + timedelta(days=2))
    assert kept.predictions.get("recordings/somebody") is None
