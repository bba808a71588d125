"""The speech-to-text service's app."""

from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Semaphore
from typing import TypedDict

from fastapi import FastAPI

import shared.app
from services.stt import listing, routes
from services.stt.listening import Listening
from services.stt.models import Lease, started_models
from services.stt.recordings import Recordings
from services.stt.settings import SttSettings
from shared.engines import EngineThreads, Slots


class State(TypedDict):
    """What requests reach through `request.state`."""

    recordings: Recordings
    listening: Listening
    lease: Lease
    model_names: Sequence[str]
    slots: Slots


def create_app(settings: SttSettings | None = None) -> FastAPI:
    """Return the app; its engines start with its lifespan."""
    settings = settings or SttSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        metrics = app.state.metrics
        # One thread more than slots: it decodes the next recording, and looks for speech in it, while the engines work.
        with ThreadPoolExecutor(settings.slots + 1, thread_name_prefix="engine") as executor:
            async with started_models(settings) as lease:
                threads = EngineThreads(executor, metrics, settings.model_names[0], Semaphore(settings.slots))
                recordings = Recordings(settings, lease, threads)
                await recordings.warm_up()
                slots = Slots(settings.recordings_at_once, settings.queue, settings.queue_wait_seconds, metrics)
                listening = Listening(settings, lease, threads, metrics)
                app.state.health.clear("start")
                yield State(
                    recordings=recordings,
                    listening=listening,
                    lease=lease,
                    model_names=settings.model_names,
                    slots=slots,
                )

    return shared.app.create_app("stt", settings, [routes.router, listing.router], lifespan)
