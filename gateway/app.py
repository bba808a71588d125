"""The gateway's app."""

import asyncio
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
from fastapi import FastAPI

import gateway.files.routes as file_routes
import gateway.jobs.routes as job_routes
import shared.app
from gateway import models, routes
from gateway.authorise import Authorise
from gateway.aws.door import aws_router
from gateway.cached import Cached
from gateway.dependencies import State
from gateway.files.files import Files
from gateway.files.uploads import Quota, Uploads
from gateway.jobs.admission import Admission
from gateway.jobs.kept import Kept
from gateway.jobs.opened import opened_book, report_database
from gateway.key_store import KeyStore
from gateway.settings import GatewaySettings
from gateway.speaker.opened import open_predictions
from gateway.upstream import Service, relay_problems, services_session
from gateway.watch import watched
from shared.lexicons import Lexicons
from shared.objects import ObjectStore, open_objects
from shared.store import ModelStore

GIVEN_KEY_NAME = "TIMBRE_API_KEY"
_THREADS = 128
"""For what blocks. With asyncio's few, some results on a storage that is silent would keep every other call waiting."""


def create_app(settings: GatewaySettings | None = None) -> FastAPI:
    """Return the app; its lifespan makes the first API key and watches the services."""
    settings = settings or GatewaySettings()
    keys = KeyStore(settings.keys)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[State]:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS))
        await asyncio.to_thread(_first_key, keys, settings)
        objects = open_objects(settings.data)
        with open_predictions(settings.predictions, timedelta(days=settings.retention_days)) as predictions:
            async with (
                services_session(settings) as session,
                watched(_services(settings, session), app.state.health, settings.watch_seconds),
                opened_book(settings, Admission(settings, objects)) as jobs,
            ):
                app.state.health.clear("start")
                yield State(
                    settings=settings,
                    keys=keys,
                    session=session,
                    store=ModelStore(settings.models, Path(settings.models_cache)),
                    voices=Cached(settings.voices_seconds),
                    models=Cached(settings.models_seconds),
                    jobs=jobs,
                    objects=objects,
                    kept=Kept(objects, predictions),
                    uploads=_uploads(objects, settings),
                    lexicons=Lexicons(objects),
                )

    routers = [routes.router, models.router, job_routes.router, file_routes.router, aws_router(keys)]
    app = shared.app.create_app("gateway", settings, routers, lifespan)
    relay_problems(app)
    report_database(app)
    app.add_middleware(Authorise, keys=keys, metrics=app.state.metrics)  # outermost: nothing stands before it
    return app


def _services(settings: GatewaySettings, session: aiohttp.ClientSession) -> list[Service]:
    """Return the services that this Timbre has."""
    urls = {
        "speech": settings.tts_url,
        "sentiment": settings.sentiment_url,
        "keywords": settings.keywords_url,
        "stt": settings.stt_url,
        "speaker": settings.speaker_url,
    }
    return [Service(name, url, session, {}) for name, url in urls.items() if url]


def _uploads(objects: ObjectStore, settings: GatewaySettings) -> Uploads:
    quota = Quota(settings.files_per_key, settings.files_bytes_per_key)
    return Uploads(Files(objects), quota, timedelta(days=settings.retention_days))


def _first_key(keys: KeyStore, settings: GatewaySettings) -> None:
    """Take the operator's key, or make one if there has never been any and show it, this once."""
    if settings.api_key is not None:
        keys.adopt(GIVEN_KEY_NAME, settings.api_key.get_secret_value())
    elif made := keys.create_first("first"):
        sys.stderr.write(f"The first API key, shown only now: {made}\n")
        sys.stderr.flush()
