"""How the speaker service learns of a job's recording: what a job that waits for a queue's worker does."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.speaker.notification import Queueing
from gateway.speaker.opened import open_predictions
from gateway.speaker.predictions import Outcome, Predictions
from shared.objects import ObjectStore, open_objects
from shared.problems import NotFound

pytestmark = pytest.mark.anyio

KEY, SOURCE = "recordings/job_1", "files/me/file-1/content"
OUTCOME = Outcome("e", {"model": "a/1"})


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    objects = open_objects(str(tmp_path / "data"))
    objects.put(SOURCE, b"a voice")
    return objects


@pytest.fixture
def predictions(tmp_path: Path) -> Iterator[Predictions]:
    with open_predictions(str(tmp_path / "jobs.sqlite"), timedelta(days=1)) as predictions:
        yield predictions


async def test_a_job_waits_until_the_outcome_is_there(objects: ObjectStore, predictions: Predictions) -> None:
    waiting = asyncio.create_task(Queueing(objects, predictions, 60).outcome(KEY, SOURCE))
    while not objects.exists(KEY):
        await asyncio.sleep(0)
    assert objects.get(KEY) == b"a voice"
    predictions.put(KEY, OUTCOME)
    assert await waiting == OUTCOME


async def test_after_a_crash_the_recording_is_not_told_of_again(objects: ObjectStore, predictions: Predictions) -> None:
    objects.put(KEY, b"a voice")
    told = objects.head(KEY)
    predictions.put(KEY, OUTCOME)
    assert await Queueing(objects, predictions, 60).outcome(KEY, SOURCE) == OUTCOME
    assert objects.head(KEY) == told


async def test_nobody_waits_for_ever(objects: ObjectStore, predictions: Predictions) -> None:
    outcome = await Queueing(objects, predictions, 0.01).outcome(KEY, SOURCE)
    assert outcome.prediction is None
    assert outcome.problem
    assert outcome.problem["type"] == "urn:timbre:problem:timed-out"


async def test_a_recording_that_is_gone_is_not_found(objects: ObjectStore, predictions: Predictions) -> None:
    with pytest.raises(NotFound):
        await Queueing(objects, predictions, 60).outcome(KEY, "files/me/file-2/content")
    assert not objects.exists(KEY)
