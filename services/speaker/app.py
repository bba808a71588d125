"""The speaker service's app."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

import shared.app
from services.speaker import routes
from services.speaker.models import started_models
from services.speaker.recordings import Recordings
from services.speaker.settings import SpeakerSettings
from shared.engines import EngineThreads, Slots


class State(TypedDict):
    """What requests reach through `request.state`."""

    recordings: Recordings
    slots: Slots


def create_app(settings: SpeakerSettings | None = None) -> FastAPI:
    """Return the app; its engines start with its lifespan."""
    settings = settings or SpeakerSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        metrics = app.state.metrics
        with ThreadPoolExecutor(settings.slots, thread_name_prefix="engine") as executor:
            async with started_models(settings) as lease:
                threads = EngineThreads(executor, metrics, settings.speaker_engine)
                recordings = Recordings(settings, lease, threads)
                await recordings.warm_up()
                slots = Slots(settings.recordings_at_once, settings.queue, settings.queue_wait_seconds, metrics)
                app.state.health.clear("start")
                yield State(recordings=recordings, slots=slots)

    return shared.app.create_app("speaker", settings, [routes.router], lifespan)
