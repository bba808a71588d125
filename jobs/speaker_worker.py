"""The worker behind the queue of recordings, which answers for its health too: `python -m jobs.speaker_worker`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypedDict

from fastapi import FastAPI

import shared.app
from gateway.speaker.opened import open_predictions
from gateway.upstream import services_session
from jobs import sqs
from jobs.consumer import Consumer
from jobs.recordings import Recordings
from jobs.settings import SpeakerWorkerSettings
from shared.objects import open_objects
from shared.serve import serve


class State(TypedDict):
    """The worker has no routes of its own."""


def create_app(settings: SpeakerWorkerSettings | None = None) -> FastAPI:
    """Return the app; its lifespan has recordings predicted. At its end none is begun, and those at work are done."""
    settings = settings or SpeakerWorkerSettings()  # type: ignore[call-arg]  # pydantic reads the environment

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        queue = sqs.Queue(
            sqs.connect(), settings.speaker_queue, settings.speaker_poll_seconds, settings.speaker_hold_seconds
        )
        with open_predictions(settings.predictions, timedelta(days=settings.retention_days)) as predictions:
            async with services_session(settings) as session:
                recordings = Recordings(settings, session, open_objects(settings.data), predictions)
                consumer = Consumer(queue, recordings.work, settings.speaker_at_once, app.state.health)
                async with consumer.running(settings.shutdown_grace_seconds):
                    app.state.health.clear("start")
                    yield State()

    return shared.app.create_app("speaker worker", settings, [], lifespan)


if __name__ == "__main__":
    serve("jobs.speaker_worker")
