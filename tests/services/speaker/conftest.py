"""The speaker service in-process, with the fake engine or another by its settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from services.speaker.app import create_app
from services.speaker.settings import SpeakerSettings
from shared.audio import Sound
from tests.sounds import files_of, spoken

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture(scope="session")
def woman() -> Sound:
    return spoken("slt")


@pytest.fixture(scope="session")
def man() -> Sound:
    return spoken("rms")


@pytest.fixture(scope="session")
def files(woman: Sound) -> dict[str, bytes]:
    """The woman's speech in every kind of file."""
    return files_of(woman)


@pytest.fixture
def serve() -> Serve:
    """`async with serve(slots=1) as http` starts the app with the fake engine, or with another by its settings."""

    @asynccontextmanager
    async def served(**settings: object) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(SpeakerSettings(**{"speaker_engine": "fake", **settings}))
        async with app.router.lifespan_context(app) as state:

            async def with_state(scope: Scope, receive: Receive, send: Send) -> None:
                await app({**scope, "state": dict(state)}, receive, send)

            transport = httpx.ASGITransport(with_state, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://timbre", timeout=60) as http:
                yield http

    return served
