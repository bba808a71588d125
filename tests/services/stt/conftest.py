"""The speech-to-text service in-process: with the fake engine, or with another by its settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from services.stt.app import create_app
from services.stt.settings import SttSettings
from shared.audio import Sound
from tests.serving import in_process
from tests.sounds import spoken

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def serve() -> Serve:
    """`async with serve(slots=1) as http` starts the app."""

    @asynccontextmanager
    async def served(**settings: object) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(SttSettings(**{"stt_engine": "fake", **settings}))
        async with in_process(app) as http:
            yield http

    return served


@pytest.fixture(scope="session")
def speech() -> Sound:
    """Four seconds of speech at 16 kHz, without a pause."""
    return spoken("slt")
