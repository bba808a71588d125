"""The websocket: sound comes in as it is spoken, words go out as soon as they are certain."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from typing import Any

import numpy as np
import orjson
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from services.keywords.answers import SECONDS_DECIMALS, Match, Vocabulary
from services.keywords.hearing import Hearing
from services.keywords.models import Lease, Opened
from services.keywords.schemas import ListenQuery
from services.keywords.settings import KeywordsSettings
from shared.audio import Resampler, Samples
from shared.engines import EngineThreads, Slots
from shared.metrics import Metrics
from shared.problems import InvalidInput, TimedOut, TooLarge

_SAMPLE_BYTES = 2
_FULL_SCALE = np.float32(1 / 32_768)


class Listening:
    """Listens at websockets."""

    def __init__(self, settings: KeywordsSettings, lease: Lease, threads: EngineThreads, metrics: Metrics) -> None:
        self._settings = settings
        self._lease = lease
        self._threads = threads
        # No queue: what is spoken while one waits would not be heard.
        self._slots = Slots(settings.listeners_at_once, 0, settings.queue_wait_seconds, metrics)

    async def listen(self, websocket: WebSocket, query: ListenQuery, caller: str | None) -> None:
        """Answer one client until it has finished, and close.

        Raises Busy, InvalidInput, TooLarge, TimedOut, what the lease raises, and WebSocketDisconnect when it leaves.
        """
        await websocket.accept()
        async with self._slots.take(), self._lease(query.model, caller) as opened, self._for_a_while():
            ear = Ear(opened, query)
            await _say(websocket, "ready", model=opened.model, keywords=ear.words, sample_rate_hz=query.sample_rate_hz)
            async with aclosing(self._sounds(websocket, query.sample_rate_hz)) as sounds:
                async for samples in sounds:
                    await _tell(websocket, await self._threads.run_engine(ear.feed, samples))
            await _tell(websocket, await self._threads.run_engine(ear.finish))
            await _say(websocket, "end", duration_seconds=ear.duration_seconds, matches=ear.matches)
        await websocket.close()

    @asynccontextmanager
    async def _for_a_while(self) -> AsyncIterator[None]:
        limit = self._settings.max_listen_seconds
        try:
            async with asyncio.timeout(limit):
                yield
        except TimeoutError as error:
            raise TimedOut(f"One websocket is listened to for at most {limit:g} seconds; open another.") from error

    async def _sounds(self, websocket: WebSocket, sample_rate_hz: int) -> AsyncGenerator[Samples, None]:
        """Yield the sound of each message until the one that says that there is no more."""
        left_bytes = int(self._settings.max_listen_seconds * sample_rate_hz) * _SAMPLE_BYTES
        half = b""
        while (message := await self._next(websocket)).get("text") is None:
            sound: bytes = message["bytes"]
            left_bytes -= len(sound)
            self._require_size(sound, left_bytes)
            whole_bytes = (len(half) + len(sound)) // _SAMPLE_BYTES * _SAMPLE_BYTES
            sound = half + sound
            half = sound[whole_bytes:]
            yield np.frombuffer(sound[:whole_bytes], "<i2").astype(np.float32) * _FULL_SCALE
        _require_finish(message["text"])

    async def _next(self, websocket: WebSocket) -> Message:
        wait_seconds = self._settings.listen_wait_seconds
        try:
            async with asyncio.timeout(wait_seconds):
                message = await websocket.receive()
        except TimeoutError as error:
            raise TimedOut(f"Nothing came for {wait_seconds:g} seconds; send silence while nothing is said.") from error
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        return message

    def _require_size(self, sound: bytes, left_bytes: int) -> None:
        most_bytes, most_seconds = self._settings.max_frame_bytes, self._settings.max_listen_seconds
        if len(sound) > most_bytes:
            raise TooLarge(f"One message may hold at most {most_bytes} bytes of sound.", limit=most_bytes)
        if left_bytes < 0:
            raise TooLarge(f"One websocket takes at most {most_seconds:g} seconds of sound.", limit=most_seconds)


class Ear:
    """Hears what one client sends, at the client's sample rate."""

    def __init__(self, opened: Opened, query: ListenQuery) -> None:
        engine = opened.engine
        vocabulary = Vocabulary(engine.labels, query.keywords)
        self._hearing = Hearing(engine, vocabulary, vocabulary.least(engine.thresholds, query.threshold, is_clip=False))
        self._resampler = Resampler(query.sample_rate_hz, engine.features.sample_rate_hz)
        self.words = vocabulary.words
        self.matches = 0

    @property
    def duration_seconds(self) -> float:
        """Length of the sound so far."""
        return round(self._hearing.duration_seconds, SECONDS_DECIMALS)

    def feed(self, samples: Samples) -> list[Match]:
        """Take the next sound, float32 (n,); return the matches that are certain by now."""
        return self._counted(self._hearing.feed(self._resampler.feed(samples)))

    def finish(self) -> list[Match]:
        """Return the rest of the matches."""
        return self._counted(self._hearing.finish(self._resampler.finish()))

    def _counted(self, matches: list[Match]) -> list[Match]:
        self.matches += len(matches)
        return matches


def _require_finish(text: str) -> None:
    """Raise InvalidInput unless the one text that a client may send is this one."""
    try:
        order = orjson.loads(text)
    except orjson.JSONDecodeError:
        order = None
    if order != {"type": "finish"}:
        raise InvalidInput('Send sound as binary messages, and at its end the text {"type": "finish"}.')


async def _tell(websocket: WebSocket, matches: list[Match]) -> None:
    for match in matches:
        await _say(websocket, "keyword", **asdict(match))


async def _say(websocket: WebSocket, kind: str, **members: Any) -> None:
    await websocket.send_text(orjson.dumps({"type": kind, **members}).decode())
