"""The speaker service in-process, with the fake engine, with tiny models, or with others by its settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.speaker.app import create_app
from services.speaker.settings import SpeakerSettings
from shared.audio import Sound
from shared.store import ModelStore
from tests.services.speaker.onnx_model import write_model
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


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with tiny models for both tasks in version 1; that for age is not for commercial use."""
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    store.publish(write_model(tmp_path / "export-gender"), "gender", "1")
    age = write_model(tmp_path / "export-age", "speaker-age", licence="CC-BY-NC-4.0", noncommercial=True)
    store.publish(age, "age", "1")
    for name in ("gender", "age"):
        store.point(name, "1")
    return store


@pytest.fixture
def serve_models(serve: Serve, store: ModelStore, tmp_path: Path) -> Serve:
    """`async with serve_models() as http` starts the app with the models of the store."""

    def served(**settings: object) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        places = {"models": str(tmp_path / "store"), "models_cache": str(tmp_path / "cache")}
        return serve(**{"speaker_engine": "onnx", **places, **settings})

    return served
