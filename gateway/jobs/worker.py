"""The worker's app: it does the jobs, and answers for its health. `python -m shared.serve gateway.jobs.worker`."""

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, TypedDict, cast

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from fastapi import FastAPI

import shared.app
from gateway.cached import Cached
from gateway.jobs import takeover, timetable, upkeep
from gateway.jobs.chores import Chores
from gateway.jobs.database import open_engine
from gateway.jobs.endings import Endings
from gateway.jobs.heartbeat import Heartbeat
from gateway.jobs.kept import Kept
from gateway.jobs.kinds import KINDS, Kind
from gateway.jobs.names import APPLICATION_VERSION, BATCHES, CHORES, MOST_LIVES, QUEUE, SHARE, SHARES, TAKEN_OVER
from gateway.jobs.results import Made
from gateway.jobs.running import Result, Running
from gateway.jobs.serialise import JsonSerializer, problem_body
from gateway.jobs.settings import WorkerSettings
from gateway.jobs.shares import Shares, job_of_share
from gateway.jobs.tools import Tools
from gateway.jobs.views import UNENDED
from gateway.jobs.webhook import deliver
from gateway.speaker.opened import open_predictions
from gateway.upstream import services_session
from gateway.voices import Voices
from shared.objects import open_objects
from shared.problems import EngineFailed

_BATCHES_AT_ONCE = 64
"""They only wait for their shares."""
_SHARES_PAUSE_SECONDS = 1.0
"""Between two looks at whether shares have ended."""
_log = logging.getLogger("timbre.jobs")


class Work(Protocol):
    """What does the jobs of one kind."""

    def __init__(self, tools: Tools) -> None: ...

    async def run(self, job: Running, order: Any) -> list[Made]:
        """Do the job in steps and return its results. Raises what a step raised in the end."""


class SharedWork(Work, Protocol):
    """What does the jobs of a kind that several workers share."""

    async def share(self, order: Result) -> Result:
        """Do what one of them has to, which may be done again by others. Raises what it cannot do."""


class State(TypedDict):
    """The worker has no routes of its own."""


def create_app(settings: WorkerSettings | None = None) -> FastAPI:
    """Return the app; its lifespan does jobs."""
    settings = settings or WorkerSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        engine = open_engine(settings.database, waits=True)
        with open_predictions(settings.predictions, timedelta(days=settings.retention_days)) as predictions:
            async with services_session(settings) as session:
                objects, voices = open_objects(settings.data), Cached[Voices](settings.voices_seconds)
                client = DBOSClient(system_database_engine=engine, serializer=JsonSerializer(), lazy=True)
                endings = Endings(client, _SHARES_PAUSE_SECONDS)
                tools = Tools(settings, session, objects, predictions, voices, Shares(client, endings))
                async with endings.running(), _launched(settings, engine, client, tools):
                    app.state.health.clear("start")
                    yield State()
        engine.dispose()

    return shared.app.create_app("jobs", settings, [], lifespan)


@asynccontextmanager
async def _launched(
    settings: WorkerSettings, engine: sa.Engine, client: DBOSClient, tools: Tools
) -> AsyncIterator[None]:
    """Run the job engine for the block; jobs that are in the middle of a step then go on elsewhere, or later."""
    DBOS(
        config={
            "name": "timbre",
            "system_database_engine": engine,
            "executor_id": settings.worker,
            "application_version": APPLICATION_VERSION,
            "serializer": JsonSerializer(),
            "use_listen_notify": False,
            "log_level": "CRITICAL",  # its tracebacks quote what callers wrote; failures are logged here
        }
    )
    DBOS.listen_queues([QUEUE, CHORES, *([BATCHES, SHARES] if settings.batch_locations else [])])
    works = {name: _register(name, kind, tools, client) for name, kind in KINDS.items()}
    _register_shares(works, client)
    told = partial(deliver, inside=settings.webhooks_inside)
    retention = timedelta(days=settings.retention_days)
    expire = upkeep.register(Chores(client, Kept(tools.objects, tools.predictions), retention, told))
    batch = timetable.register()
    take_over = takeover.register(client)
    heartbeat = Heartbeat(engine, settings.worker)
    await asyncio.to_thread(heartbeat.start)  # before any job: what others took over belongs to an older number
    DBOS.launch()
    try:
        for queue, at_once in {QUEUE: settings.jobs_at_once, BATCHES: _BATCHES_AT_ONCE, SHARES: 1}.items():
            await DBOS.register_queue_async(
                queue, worker_concurrency=at_once, polling_interval_sec=settings.poll_seconds
            )
        await upkeep.schedule(expire)
        await timetable.schedule(batch, settings)
        async with takeover.watching(heartbeat, engine, settings, take_over):
            yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=0)


def _register(name: str, kind: Kind, tools: Tools, client: DBOSClient) -> Work:
    module, _, class_name = kind.work.partition(":")
    work: Work = getattr(importlib.import_module(module), class_name)(tools)

    @DBOS.workflow(name=name, max_recovery_attempts=MOST_LIVES)
    async def do(order: dict[str, Any]) -> list[Made]:
        job = Running(DBOS.workflow_id or "", DBOS.authenticated_user or "")
        async with _announced(job, name, order["webhook"]):
            await _require_harmless(client, job)
            return await work.run(job, kind.input.model_validate(order["input"]))

    return work


def _register_shares(works: Mapping[str, Work], client: DBOSClient) -> None:
    @DBOS.workflow(name=SHARE, max_recovery_attempts=MOST_LIVES)
    async def do(order: Result) -> Result:
        share = Running(DBOS.workflow_id or "", "")
        jobs = await client.list_workflows_async(workflow_ids=[job_of_share(share.id)], status=UNENDED)
        if not jobs:  # it was stopped before this share was handed out
            return {}
        await _require_harmless(client, share)
        work = cast(SharedWork, works[jobs[0].name])
        return await share.step(SHARE, partial(work.share, order))


async def _require_harmless(client: DBOSClient, job: Running) -> None:
    """Raise EngineFailed for a job that outlasted so many workers that it must be what kills them."""
    (status,) = await client.list_workflows_async(workflow_ids=[job.id], load_input=False, load_output=False)
    if (status.attributes or {}).get(TAKEN_OVER, 0) >= MOST_LIVES:
        raise EngineFailed(f"{MOST_LIVES} workers died one after the other while they did this job.")


@asynccontextmanager
async def _announced(job: Running, kind: str, webhook: dict[str, str] | None) -> AsyncIterator[None]:
    """Log how a job ended, without a word of what is in it, and have its webhook told.

    A job that is broken off, because it is cancelled or this worker ends, has not ended in this sense.
    """
    try:
        yield
    except Exception as error:  # whatever it is: the job fails with it, and the caller wants to know
        _log.warning("%s %s failed: %s", kind, job.id, problem_body(error)["type"])
        await upkeep.announce(job.id, webhook)
        raise
    _log.info("%s %s succeeded", kind, job.id)
    await upkeep.announce(job.id, webhook)
