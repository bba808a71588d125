"""The speaker service in-process, with the fake engine or another by its settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import pytest

from services.speaker.app import create_app
from services.speaker.settings import SpeakerSettings
from shared.audio import Sound
from tests.serving import in_process
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
        async with in_process(app) as http:
            yield http

    return served
