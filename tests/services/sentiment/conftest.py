"""The sentiment service in-process, with the fake engine or with the model of this repository."""

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from services.sentiment.app import create_app
from services.sentiment.identifier import Identifier
from services.sentiment.language import LanguageCheck
from services.sentiment.settings import SentimentSettings
from tests.serving import in_process

ROOT = Path(__file__).parents[3]
Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture(scope="session")
def identifier() -> Identifier:
    """Loaded once for all tests: it takes a second."""
    return Identifier()


@pytest.fixture(scope="session")
def language_check(identifier: Identifier) -> LanguageCheck:
    return LanguageCheck(identifier)


@pytest.fixture
def serve(identifier: Identifier) -> Serve:
    """`async with serve(max_texts=2) as http` starts the app with the fake engine, or with another by its settings."""

    @asynccontextmanager
    async def served(**settings: object) -> AsyncIterator[httpx.AsyncClient]:
        app = create_app(SentimentSettings(**{"sentiment_engine": "fake", **settings}), identifier)
        async with in_process(app) as http:
            yield http

    return served


@pytest.fixture(scope="session")
def models() -> Path:
    """The model folder: the repository's, or another that TIMBRE_MODELS names."""
    folder = Path(os.environ.get("TIMBRE_MODELS", ROOT / "models"))
    if not (folder / "emotion-minilm").is_dir():
        pytest.skip("models/emotion-minilm is not there: train it with training/emotion/run.sh")
    return folder
