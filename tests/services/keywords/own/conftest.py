"""The keywords service with the fake engine, and recordings of a word that it does not know: a whistle."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest

from services.keywords.app import create_app
from services.keywords.settings import KeywordsSettings
from shared.audio import Sound, encode
from tests.serving import in_process

Serve = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
RATE_HZ = 16_000
WHISTLE_HZ = 5_200.0
KNOWN_HZ = 400.0
"""The tone of `yes`."""


def tone(hz: float, seconds: float = 1.0, seed: int = 0, level: float = 0.4) -> bytes:
    """Return a wav file with half a second of a tone somewhere in faint noise."""
    chance = np.random.default_rng(seed)
    samples = 1e-3 * chance.normal(size=round(seconds * RATE_HZ))
    length = min(len(samples), RATE_HZ // 2)
    start = int(chance.integers(len(samples) - length + 1))
    samples[start : start + length] += level * np.sin(2 * np.pi * hz * np.arange(length) / RATE_HZ)
    return encode(Sound(samples.astype(np.float32), RATE_HZ), "wav")


def whistle(seed: int) -> bytes:
    """Return a recording of the word, which is never said twice alike."""
    chance = np.random.default_rng(seed)
    hz, seconds, level = chance.uniform(0.98, 1.02) * WHISTLE_HZ, chance.uniform(0.6, 3), chance.uniform(0.1, 0.9)
    return tone(hz, seconds, seed, level)


@pytest.fixture(scope="session")
def whistles() -> list[bytes]:
    return [whistle(seed) for seed in range(12)]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """`async with serve(keywords_per_model=1) as http` starts the app with the fake engine and a folder of its own."""

    @asynccontextmanager
    async def served(**settings: object) -> AsyncIterator[httpx.AsyncClient]:
        given = {"keywords_engine": "fake", "data": str(tmp_path / "data"), **settings}
        async with in_process(create_app(KeywordsSettings(**given))) as http:
            yield http

    return served
