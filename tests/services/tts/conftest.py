"""The TTS service with the fake engine: in process, and behind a real socket for clients that leave."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.tts.app import create_app
from services.tts.settings import TTSSettings
from tests.serving import served

FAKE = TTSSettings(tts_engines=("fake",), default_voice="fake", slots=2)


@asynccontextmanager
async def asgi_client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with app.router.lifespan_context(app) as state:

        async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
            scope["state"] = dict(state)
            await app(scope, receive, send)

        transport = httpx.ASGITransport(application, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://tts") as http:
            yield http


@pytest.fixture
async def tts() -> AsyncIterator[httpx.AsyncClient]:
    """The service with the fake engine, without a socket."""
    async with asgi_client(create_app(FAKE)) as http:
        yield http


@pytest.fixture
async def real_tts() -> AsyncIterator[httpx.AsyncClient]:
    """The service with flite and espeak-ng, without a socket."""
    async with asgi_client(create_app(TTSSettings())) as http:
        yield http


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Address of the service with the fake engine in another thread, for clients that block."""
    with served(create_app(FAKE)) as url:
        yield url
