"""The worker's app: it does the jobs, and answers for its health. `python -m shared.serve gateway.jobs.worker`."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TypedDict

import sqlalchemy as sa
from dbos import DBOS, DBOSClient
from fastapi import FastAPI

import shared.app
from gateway.cached import Cached
from gateway.jobs import takeover, timetable, upkeep, work
from gateway.jobs.chores import Chores
from gateway.jobs.database import open_engine
from gateway.jobs.endings import Endings
from gateway.jobs.heartbeat import Heartbeat
from gateway.jobs.kept import Kept
from gateway.jobs.names import (
    APPLICATION_VERSION,
    BATCHES,
    CHORES,
    QUEUE,
    SENTIMENTS,
    SHARES,
    TRAININGS,
    TRANSCRIPTIONS,
)
from gateway.jobs.serialise import JsonSerializer
from gateway.jobs.settings import WorkerSettings
from gateway.jobs.shares import Shares
from gateway.jobs.tools import Tools
from gateway.jobs.webhook import deliver
from gateway.speaker.opened import open_predictions
from gateway.upstream import services_session
from gateway.voices import Voices
from shared.objects import open_objects

_BATCHES_AT_ONCE = 64
"""They only wait for their shares."""
_SENTIMENTS_AT_ONCE = 2
_PATIENCE = 10
"""How much less often queues are looked at whose jobs last: each look costs a worker that has nothing to do."""
"""Each makes as many calls at once as a text that is spoken has parts spoken at once."""
_SHARES_PAUSE_SECONDS = 1.0
"""Between two looks at whether shares have ended."""


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


def _queues(settings: WorkerSettings) -> Iterator[str]:
    """Yield those whose jobs this worker can do."""
    yield from (QUEUE, TRANSCRIPTIONS, SENTIMENTS, CHORES)
    if settings.batch_locations:
        yield from (BATCHES, SHARES)
    if settings.voice_training_python:
        yield TRAININGS


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
    DBOS.listen_queues(list(_queues(settings)))
    work.register(tools, client)
    told = partial(deliver, inside=settings.webhooks_inside)
    retention = timedelta(days=settings.retention_days)
    expire = upkeep.register(Chores(client, Kept(tools.objects, tools.predictions), retention, told))
    batch = timetable.register()
    take_over = takeover.register(client)
    heartbeat = Heartbeat(engine, settings.worker)
    await asyncio.to_thread(heartbeat.start)  # before any job: what others took over belongs to an older number
    DBOS.launch()
    try:
        at_once_of = {
            QUEUE: settings.jobs_at_once,
            TRANSCRIPTIONS: settings.transcriptions_at_once,
            SENTIMENTS: _SENTIMENTS_AT_ONCE,
            BATCHES: _BATCHES_AT_ONCE,
            SHARES: 1,
            TRAININGS: 1,
        }
        for queue, at_once in at_once_of.items():
            poll_seconds = settings.poll_seconds * (1 if queue == QUEUE else _PATIENCE)
            await DBOS.register_queue_async(queue, worker_concurrency=at_once, polling_interval_sec=poll_seconds)
        await upkeep.schedule(expire)
        await timetable.schedule(batch, settings)
        async with takeover.watching(heartbeat, engine, settings, take_over):
            yield
    finally:
        DBOS.destroy(workflow_completion_timeout_sec=0)
