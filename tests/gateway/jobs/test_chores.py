"""Chores around the jobs: each by itself, and as a worker does them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from io import BytesIO
from typing import Any

import orjson
import pytest
import sqlalchemy as sa
from aiohttp import web
from dbos import DBOSClient

from gateway.files.files import Files
from gateway.files.names import new_id
from gateway.files.schemas import StoredFile
from gateway.jobs.admission import Admission
from gateway.jobs.book import JobBook
from gateway.jobs.chores import Chores
from gateway.jobs.database import open_engine
from gateway.jobs.endings import Endings
from gateway.jobs.kept import Kept
from gateway.jobs.names import APPLICATION_VERSION, CHORES, CLEAR, NOTIFY
from gateway.jobs.room import Room
from gateway.jobs.schemas import JobRequest
from gateway.jobs.serialise import JsonSerializer
from gateway.jobs.submission import Submitter
from gateway.owned import Owned
from gateway.settings import GatewaySettings
from gateway.speaker.predictions import Outcome
from shared.objects import ObjectStore, open_objects
from shared.problems import Unavailable
from tests.gateway.conftest import served
from tests.gateway.jobs.enqueued import enqueue, submission
from tests.gateway.jobs.stack import Stack, running

pytestmark = pytest.mark.anyio

URL, SECRET = "https://example.com/done", "sixteen characters"
DAY_MILLISECONDS = 86_400_000


@dataclass
class Deliveries:
    """Stands for the way to the webhooks."""

    failure: Exception | None = None
    bodies: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    async def __call__(self, url: str, secret: str, body: bytes) -> None:
        if self.failure:
            raise self.failure
        self.bodies.append((url, secret, orjson.loads(body)))


@pytest.fixture
def deliveries() -> Deliveries:
    return Deliveries()


@pytest.fixture
def chores(client: DBOSClient, kept: Kept, deliveries: Deliveries) -> Chores:
    return Chores(client, kept, timedelta(days=30), deliveries)


def store(objects: ObjectStore, *keys: str) -> None:
    for key in keys:
        objects.put(key, b"sound")


def stored(objects: ObjectStore) -> list[str]:
    return [found.key for found in objects.list()]


async def known(client: DBOSClient) -> set[str]:
    return {status.workflow_id for status in await client.list_workflows_async()}


def kept_file(objects: ObjectStore, caller: str, days_left: float = 30) -> str:
    """Store a file that expires in so many days, and return its id."""
    now = time.time()
    file = StoredFile(
        id=new_id(int(now * 1000)),
        bytes=5,
        created_at=int(now),
        expires_at=int(now + days_left * DAY_MILLISECONDS / 1000),
        filename="speech.wav",
        purpose="user_data",
    )
    Files(objects).add(caller, file, BytesIO(b"sound"))
    return file.id


def chore(client: DBOSClient, engine: sa.Engine, name: str, job_id: str, *arguments: Any, tail: str = "") -> None:
    with engine.begin() as connection:
        client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": name,
                "queue_name": CHORES,
                "workflow_id": f"{job_id}-{name}{tail}",
                "app_version": APPLICATION_VERSION,
            },
            job_id,
            *arguments,
        )


def ended(engine: sa.Engine, workflow_id: str, days_ago: float, status: str = "CANCELLED") -> None:
    """Make a workflow one that ended so long ago."""
    update = (
        f"UPDATE workflow_status SET status = ?, completed_at = created_at - {int(days_ago * DAY_MILLISECONDS)}"
        " WHERE workflow_uuid = ?"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql(update, (status, workflow_id))


def traces(engine: sa.Engine, text: str) -> list[str]:
    """Return the tables of the database in which a text is to be found."""
    with engine.connect() as connection:
        tables = connection.scalars(sa.text("SELECT name FROM sqlite_master WHERE type = 'table'")).all()
        return [table for table in tables if text in str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())]


class TestClear:
    async def test_all_that_one_job_stored_goes(self, chores: Chores, objects: ObjectStore) -> None:
        store(objects, "jobs/job_1/text.txt", "jobs/job_1/parts/00001.pcm", "jobs/job_10/text.txt", "jobs/job_1.txt")
        await chores.clear("job_1")
        assert stored(objects) == ["jobs/job_1.txt", "jobs/job_10/text.txt"]

    async def test_its_recording_and_what_became_of_it_go(self, chores: Chores, kept: Kept) -> None:
        for key in ("recordings/job_1", "recordings/job_10"):
            kept.objects.put(key, b"sound")
            kept.predictions.put(key, Outcome("e", {"model": "a/1"}))
        await chores.clear("job_1")
        assert stored(kept.objects) == ["recordings/job_10"]
        assert kept.predictions.get("recordings/job_1") is None
        assert kept.predictions.get("recordings/job_10")

    async def test_a_second_time_is_no_error(self, chores: Chores) -> None:
        await chores.clear("job_1")


class TestStop:
    @pytest.mark.parametrize(("status", "is_stopped"), [("CANCELLED", True), ("SUCCESS", False), ("ERROR", False)])
    async def test_only_one_that_did_not_end_before_is_cleared(
        self,
        chores: Chores,
        client: DBOSClient,
        engine: sa.Engine,
        objects: ObjectStore,
        status: str,
        is_stopped: bool,
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        ended(engine, "job_1", 0, status)
        store(objects, "jobs/job_1/audio.mp3")
        await chores.stop("job_1")
        assert (stored(objects) == []) is is_stopped

    async def test_one_that_nobody_has_stopped_yet_is_stopped_and_settles_first(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, objects: ObjectStore
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        store(objects, "jobs/job_1/audio.mp3")
        with pytest.raises(Unavailable):
            await chores.stop("job_1")
        assert stored(objects)
        await chores.stop("job_1")
        assert not stored(objects)

    async def test_one_that_is_forgotten_meanwhile_needs_nothing(self, chores: Chores) -> None:
        await chores.stop("job_1")


class TestForget:
    async def test_nothing_of_the_job_is_left(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, objects: ObjectStore
    ) -> None:
        enqueue(client, engine, "job_secret", "job_other", caller="caller")
        chore(client, engine, CLEAR, "job_secret")
        chore(client, engine, NOTIFY, "job_secret", URL, SECRET)
        chore(client, engine, NOTIFY, "job_secret", URL, SECRET, 3, tail="-3")
        store(objects, "jobs/job_secret/audio.mp3", "jobs/job_other/audio.mp3")
        assert traces(engine, "job_secret")
        assert traces(engine, SECRET)
        await chores.forget("job_secret")
        assert (await known(client), stored(objects)) == ({"job_other"}, ["jobs/job_other/audio.mp3"])
        assert not traces(engine, "job_secret")
        assert not traces(engine, SECRET)

    async def test_a_chore_that_is_being_done_keeps_its_line(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        chore(client, engine, NOTIFY, "job_1", URL, SECRET)
        ended(engine, "job_1-notify", 0, "PENDING")
        await chores.forget("job_1")
        assert await known(client) == {"job_1-notify"}

    async def test_a_second_time_is_no_error(self, chores: Chores) -> None:
        await chores.forget("job_1")

    async def test_what_comes_late_is_swept_up(self, chores: Chores, client: DBOSClient, objects: ObjectStore) -> None:
        store(objects, "jobs/job_1/audio.mp3")
        await chores.sweep("job_1")
        assert stored(objects) == []

    async def test_a_job_that_is_there_again_keeps_what_it_stores(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, objects: ObjectStore
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        store(objects, "jobs/job_1/audio.mp3")
        with pytest.raises(Unavailable):
            await chores.sweep("job_1")
        assert stored(objects) == ["jobs/job_1/audio.mp3"]

    async def test_a_job_that_succeeded_keeps_its_results_only(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, objects: ObjectStore
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        ended(engine, "job_1", 0, "SUCCESS")
        result = {"name": "audio", "key": "jobs/job_1/audio.mp3", "media_type": "audio/mpeg", "bytes": 5}
        with engine.begin() as connection:
            values = ("job_1", orjson.dumps([result]).decode())
            connection.exec_driver_sql("INSERT INTO workflow_output (workflow_uuid, output) VALUES (?, ?)", values)
        store(objects, "jobs/job_1/audio.mp3", "jobs/job_1/parts/00000.pcm")
        await chores.sweep("job_1")
        assert stored(objects) == ["jobs/job_1/audio.mp3"]

    @pytest.mark.parametrize(("status", "left"), [("CANCELLED", 0), ("ERROR", 1)])
    async def test_a_failed_job_keeps_what_it_may_need_again_and_a_stopped_one_nothing(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, objects: ObjectStore, status: str, left: int
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        ended(engine, "job_1", 0, status)
        store(objects, "jobs/job_1/parts/00000.pcm")
        await chores.sweep("job_1")
        assert len(stored(objects)) == left

    async def test_a_job_that_has_not_ended_is_looked_at_later(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, objects: ObjectStore
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        store(objects, "jobs/job_1/parts/00000.pcm")
        with pytest.raises(Unavailable):
            await chores.sweep("job_1")
        assert len(stored(objects)) == 1


class TestExpire:
    async def test_only_what_ended_longer_ago_than_it_is_kept(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, objects: ObjectStore
    ) -> None:
        endings = {"SUCCESS": 30.1, "ERROR": 31.0, "CANCELLED": 4000.0, "MAX_RECOVERY_ATTEMPTS_EXCEEDED": 30.1}
        for status, days_ago in endings.items():
            enqueue(client, engine, f"job_old_{status}", f"job_new_{status}", caller="caller")
            ended(engine, f"job_old_{status}", days_ago, status)
            ended(engine, f"job_new_{status}", 29.9, status)
        enqueue(client, engine, "job_waiting", caller="caller")
        store(objects, *(f"jobs/{job_id}/text.txt" for job_id in await known(client)))
        assert await chores.expire() == 4
        left = {"job_waiting", *(f"job_new_{status}" for status in endings)}
        assert await known(client) == left
        assert set(stored(objects)) == {f"jobs/{job_id}/text.txt" for job_id in left}

    async def test_more_than_one_page_of_them(self, chores: Chores, client: DBOSClient, engine: sa.Engine) -> None:
        ids = [f"job_{number}" for number in range(205)]
        enqueue(client, engine, *ids, caller="caller")
        for job_id in ids:
            ended(engine, job_id, 31)
        assert await chores.expire() == 205
        assert await known(client) == set()

    async def test_jobs_that_are_waited_for_do_not_expire(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE workflow_status SET created_at = 0")
        assert await chores.expire() == 0
        assert await known(client) == {"job_1"}

    async def test_old_chores_go_too(self, chores: Chores, client: DBOSClient, engine: sa.Engine) -> None:
        for name in (NOTIFY, CLEAR, "expire", "take-over"):
            chore(client, engine, name, "job_1", SECRET)
            ended(engine, f"job_1-{name}", 31, "SUCCESS")
        chore(client, engine, NOTIFY, "job_2", SECRET)
        assert await chores.expire() == 4
        assert await known(client) == {"job_2-notify"}

    async def test_old_files_go_too(self, chores: Chores, objects: ObjectStore) -> None:
        _, new = (kept_file(objects, "caller", days_left) for days_left in (-1, 1))
        assert await chores.expire() == 1
        assert {key.split("/")[2] for key in stored(objects)} == {new}


class TestForgetFiles:
    async def test_those_of_one_caller_up_to_a_moment_go(self, chores: Chores, objects: ObjectStore) -> None:
        kept_file(objects, "caller")
        other = kept_file(objects, "other")
        store(objects, "jobs/job_1/text.txt")
        Owned(objects, "words").add("caller", "a", {})
        await chores.forget_files("caller", (datetime.now(UTC) - timedelta(hours=1)).isoformat())
        assert len(stored(objects)) == 6
        for _ in range(2):  # it may be done again at any time
            await chores.forget_files("caller", datetime.now(UTC).isoformat())
            assert {key.split("/")[2] for key in stored(objects)} == {other, "text.txt"}


class TestNotify:
    @pytest.mark.parametrize(
        ("status", "state"), [("SUCCESS", "succeeded"), ("ERROR", "failed"), ("CANCELLED", "cancelled")]
    )
    async def test_the_ended_job_is_told(
        self,
        chores: Chores,
        client: DBOSClient,
        engine: sa.Engine,
        deliveries: Deliveries,
        status: str,
        state: str,
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        ended(engine, "job_1", 0, status)
        await chores.notify("job_1", URL, SECRET)
        ((url, secret, body),) = deliveries.bodies
        assert (url, secret, body["id"], body["state"]) == (URL, SECRET, "job_1", state)
        assert body["ended"]

    async def test_an_unended_one_is_not_told_yet(
        self, chores: Chores, client: DBOSClient, engine: sa.Engine, deliveries: Deliveries
    ) -> None:
        enqueue(client, engine, "job_1", caller="caller")
        with pytest.raises(Unavailable):
            await chores.notify("job_1", URL, SECRET)
        assert deliveries.bodies == []

    async def test_of_a_forgotten_one_nothing_is_told(self, chores: Chores, deliveries: Deliveries) -> None:
        await chores.notify("job_1", URL, SECRET)
        assert deliveries.bodies == []


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A worker alone: chores need no services."""
    folder = tmp_path_factory.mktemp("worker")
    with running(folder, "worker", TIMBRE_WEBHOOKS_INSIDE="true") as stack:
        yield stack


@pytest.fixture
def engine_of_worker(worker: Stack) -> Iterator[sa.Engine]:
    engine = open_engine(str(worker.folder / "jobs.sqlite"))
    yield engine
    engine.dispose()


@pytest.fixture
def outside(engine_of_worker: sa.Engine) -> DBOSClient:
    """A client of the worker's database."""
    return DBOSClient(system_database_engine=engine_of_worker, serializer=JsonSerializer())


def ended_job(client: DBOSClient, engine: sa.Engine, job_id: str) -> None:
    """Put an ended job into the database; no worker ever sees it waiting."""
    with engine.begin() as connection:
        one = submission(job_id)
        client.enqueue_in_transaction(connection, one.options, *one.arguments)
        update = "UPDATE workflow_status SET status = 'CANCELLED', completed_at = created_at WHERE workflow_uuid = ?"
        connection.exec_driver_sql(update, (job_id,))


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


async def is_another_second(moment: datetime) -> bool:
    return datetime.now(UTC) > moment + timedelta(seconds=1)


async def hurry(client: DBOSClient) -> None:
    """Let what is to happen later happen now."""
    for status in await client.list_workflows_async(status="DELAYED"):
        await client.set_workflow_delay_async(status.workflow_id, delay_seconds=0)


class TestByAWorker:
    async def test_a_webhook_is_tried_until_it_takes(
        self, worker: Stack, outside: DBOSClient, engine_of_worker: sa.Engine
    ) -> None:
        bodies: list[bytes] = []

        async def take(request: web.Request) -> web.Response:
            bodies.append(await request.read())
            return web.Response(status=500 if len(bodies) < 3 else 204)

        async def is_over() -> bool:
            await hurry(outside)
            return len(bodies) == 3

        ended_job(outside, engine_of_worker, "job_tried")
        async with served(web.post("/done", take)) as url:
            chore(outside, engine_of_worker, NOTIFY, "job_tried", f"{url}/done", SECRET)
            await eventually(is_over)

            async def is_settled() -> bool:
                found = await outside.list_workflows_async(workflow_id_prefix="job_tried-")
                return {status.status for status in found} == {"SUCCESS"} and len(found) == 3

            await eventually(is_settled)
        assert len(set(bodies)) == 1
        assert orjson.loads(bodies[0])["id"] == "job_tried"

    async def test_webhooks_that_nobody_answers_keep_no_other_chore_waiting(
        self, worker: Stack, outside: DBOSClient, engine_of_worker: sa.Engine, kept: Kept
    ) -> None:
        store(open_objects(str(worker.data)), "jobs/job_cleared/audio.mp3")
        ended_job(outside, engine_of_worker, "job_cleared")
        for number in range(20):  # more than a worker does at once
            ended_job(outside, engine_of_worker, f"job_dead_{number}")
            chore(outside, engine_of_worker, NOTIFY, f"job_dead_{number}", "http://127.0.0.1:1/", SECRET)
        chore(outside, engine_of_worker, CLEAR, "job_cleared")

        async def is_clear() -> bool:
            return not worker.stored()

        await eventually(is_clear)
        chores = Chores(outside, kept, timedelta(1), Deliveries())
        for job_id in ("job_cleared", *(f"job_dead_{number}" for number in range(20))):
            await chores.forget(job_id)

    async def test_all_jobs_of_a_caller_are_forgotten_however_often(
        self, worker: Stack, outside: DBOSClient, engine_of_worker: sa.Engine, kept: Kept
    ) -> None:
        """A job that is submitted anew with its key has the id of the one that was forgotten."""
        submitter = Submitter(outside, engine_of_worker)
        admission = Admission(GatewaySettings(), kept.objects)
        room = Room(outside, 10, 10)
        book = JobBook(outside, submitter, Endings(outside), room, admission, timedelta(days=30))
        order = JobRequest(kind="emotional-speech", input={"text": "Nobody may keep this."})

        async def is_stored() -> bool:
            return any(path.startswith("jobs/") for path in worker.stored())

        async def is_gone() -> bool:
            await hurry(outside)
            return not worker.stored() and not await outside.list_workflows_async(user="forgetful")

        async with submitter.running():
            for _ in range(2):
                kept_file(open_objects(str(worker.data)), "forgetful")
                job, replayed = await book.submit("forgetful", order, "my key")
                assert not replayed
                await eventually(is_stored)
                assert await book.forget("forgetful") == 1
                await eventually(is_gone, 60)
                await eventually(partial(is_another_second, job.created))  # hurried: else no two are of one second
        assert not traces(engine_of_worker, "Nobody may keep this.")
