"""The speaker service's app."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

import shared.app
from services.speaker import routes
from services.speaker.engine import ENGINES
from services.speaker.recordings import Judge
from services.speaker.settings import SpeakerSettings
from shared.engines import EngineThreads, Slots, find_engine


class State(TypedDict):
    """What requests reach through `request.state`."""

    judge: Judge
    slots: Slots


def create_app(settings: SpeakerSettings | None = None) -> FastAPI:
    """Return the app; its engine starts with its lifespan. Raises LookupError for an engine that does not exist."""
    settings = settings or SpeakerSettings()
    engine_class = find_engine(ENGINES, settings.speaker_engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        metrics = app.state.metrics
        with ThreadPoolExecutor(settings.slots, thread_name_prefix="engine") as executor:
            judge = Judge(settings, engine_class(), EngineThreads(executor, metrics, settings.speaker_engine))
            await judge.warm_up()
            slots = Slots(settings.recordings_at_once, settings.queue, settings.queue_wait_seconds, metrics)
            app.state.health.clear("start")
            yield State(judge=judge, slots=slots)

    return shared.app.create_app("speaker", settings, [routes.router], lifespan)
