"""The TTS service's app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from fastapi import FastAPI

import shared.app
from services.tts import routes
from services.tts.engine import started_engines
from services.tts.settings import TTSSettings
from services.tts.synthesis import Speaker
from shared.engines import Slots
from shared.lexicons import Lexicons
from shared.objects import open_objects


class State(TypedDict):
    """What requests reach through `request.state`."""

    speaker: Speaker
    slots: Slots
    settings: TTSSettings
    lexicons: Lexicons


def create_app(settings: TTSSettings | None = None) -> FastAPI:
    """Return the app; engines start with its lifespan."""
    settings = settings or TTSSettings()
    lexicons = Lexicons(open_objects(settings.data))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        async with started_engines(settings, app.state.metrics) as engines:
            slots = Slots(settings.requests_at_once, settings.queue, settings.queue_wait_seconds, app.state.metrics)
            app.state.health.clear("start")
            yield State(speaker=Speaker(engines), slots=slots, settings=settings, lexicons=lexicons)

    return shared.app.create_app("tts", settings, [routes.router], lifespan)
