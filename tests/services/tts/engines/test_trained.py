"""The engine of trained voices: who leaves, or waits too long, does not keep a slot at work."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from services.tts.engines.trained import Trained
from services.tts.settings import TTSSettings
from services.tts.speech import Speech, SpokenWord, Utterance
from shared.metrics import Metrics
from shared.problems import TimedOut
from shared.store import ModelStore
from tests.services.tts.voice_model import ENDLESS, vits_bytes, ways, write_voice

pytestmark = pytest.mark.anyio
Start = Callable[..., AbstractAsyncContextManager[Trained]]


@pytest.fixture
def started(tmp_path: Path) -> Start:
    """`async with started() as engine`: one slot, and a voice that is never done with one of its symbols."""
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    store.publish(write_voice(tmp_path / "voice", contents=vits_bytes(endless=True), **ways(None)), "alice", "1")
    places = {"models": str(tmp_path / "store"), "models_cache": str(tmp_path / "cache")}

    @asynccontextmanager
    async def start(**settings: object) -> AsyncIterator[Trained]:
        engine = Trained.configured(TTSSettings(**{"slots": 1, **places, **settings}), Metrics())
        await engine.start()
        yield engine
        await engine.close()

    return start


async def speak(engine: Trained, word: str) -> Speech:
    return await engine.speak(Utterance((SpokenWord(word),), "alice", "en-us"))


async def test_who_leaves_ends_the_work(started: Start) -> None:
    async with started() as engine:
        leaving = asyncio.create_task(speak(engine, ENDLESS))
        done, _ = await asyncio.wait([leaving], timeout=1)
        assert not done
        leaving.cancel()
        assert (await speak(engine, "a")).seconds


async def test_who_waits_too_long_ends_the_work(started: Start) -> None:
    async with started(sentence_timeout_seconds=1) as engine:
        with pytest.raises(TimedOut):
            await speak(engine, ENDLESS)
