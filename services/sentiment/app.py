"""The sentiment service's app."""

from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

import shared.app
from services.sentiment import routes
from services.sentiment.analysis import Analyst
from services.sentiment.identifier import Identifier
from services.sentiment.models import started_engine
from services.sentiment.settings import SentimentSettings
from shared.engines import EngineThreads, Slots


class State(TypedDict):
    """What requests reach through `request.state`."""

    analyst: Analyst
    slots: Slots


def create_app(settings: SentimentSettings | None = None, identifier: Identifier | None = None) -> FastAPI:
    """Return the app; its engine starts, and the identifier loads unless it is given, with its lifespan."""
    settings = settings or SentimentSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        metrics = app.state.metrics
        languages = identifier or Identifier()
        with ThreadPoolExecutor(settings.slots, thread_name_prefix="engine") as executor:
            async with started_engine(settings) as lease:
                threads = EngineThreads(executor, metrics, settings.sentiment_engine)
                analyst = Analyst(settings, lease, languages, threads)
                slots = Slots(settings.requests_at_once, settings.queue, settings.queue_wait_seconds, metrics)
                app.state.health.clear("start")
                yield State(analyst=analyst, slots=slots)

    return shared.app.create_app("sentiment", settings, [routes.router], lifespan)
