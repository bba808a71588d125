"""The keywords service in-process, with the fake engine or with a tiny model."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.keywords.app import create_app
from services.keywords.settings import KeywordsSettings
from shared.store import LocalModel, ModelStore
from tests.services.keywords.onnx_model import write_model
from tests.serving import in_process

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def serve() -> Serve:
    """`async with serve(slots=1) as http` starts the app with the fake engine, or with another by its settings."""

    @asynccontextmanager
    async def served(**settings: object) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(KeywordsSettings(**{"keywords_engine": "fake", **settings}))
        async with in_process(app) as http:
            yield http

    return served


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with version 1 of the tiny model in use."""
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    store.publish(write_model(tmp_path / "export"), "keywords", "1")
    store.point("keywords", "1")
    return store


@pytest.fixture
def local(store: ModelStore) -> LocalModel:
    return store.fetch("keywords")
