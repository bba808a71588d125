"""The keywords service's app."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

import shared.app
from services.keywords import routes
from services.keywords.listening import Listening
from services.keywords.models import started_models
from services.keywords.own import routes as own_routes
from services.keywords.own.enrolling import Enrolling
from services.keywords.own.models import OwnModels
from services.keywords.recordings import Recordings
from services.keywords.settings import KeywordsSettings
from shared.engines import EngineThreads, Slots
from shared.objects import open_objects


class State(TypedDict):
    """What requests reach through `request.state`."""

    recordings: Recordings
    listening: Listening
    enrolling: Enrolling
    own_models: OwnModels
    slots: Slots


def create_app(settings: KeywordsSettings | None = None) -> FastAPI:
    """Return the app; its engine starts with its lifespan."""
    settings = settings or KeywordsSettings()
    own = OwnModels(open_objects(settings.data), settings.keyword_models_per_key, settings.keywords_per_model)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        metrics = app.state.metrics
        with ThreadPoolExecutor(settings.slots, thread_name_prefix="engine") as executor:
            async with started_models(settings, own) as lease:
                threads = EngineThreads(executor, metrics, settings.keywords_model)
                recordings = Recordings(settings, lease, threads)
                await recordings.warm_up()
                slots = Slots(settings.recordings_at_once, settings.queue, settings.queue_wait_seconds, metrics)
                listening = Listening(settings, lease, threads, metrics)
                enrolling = Enrolling(settings, lease, own, threads)
                app.state.health.clear("start")
                yield State(
                    recordings=recordings, listening=listening, enrolling=enrolling, own_models=own, slots=slots
                )

    return shared.app.create_app(
        "keywords", settings, [routes.router, own_routes.enrolment_router, own_routes.router], lifespan
    )
