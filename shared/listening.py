"""Websockets that sound comes in at while it is spoken: 16-bit little-endian PCM in, JSON messages out.

What comes is read only when what came before has been heard, so a client that sends too fast is slowed, and never held.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.types import Message
from starlette.websockets import WebSocket, WebSocketDisconnect

from shared.audio import Samples
from shared.audio.settings import ListeningSettings
from shared.engines import Slots
from shared.metrics import Metrics
from shared.problems import InvalidInput, TimedOut, TooLarge

_SAMPLE_BYTES = 2
_FULL_SCALE = np.float32(1 / 32_768)


class SoundQuery(BaseModel):
    """What the query of every such websocket holds."""

    model_config = ConfigDict(use_attribute_docstrings=True, extra="forbid")

    sample_rate_hz: int = Field(default=16_000, ge=4_000, le=192_000)
    """Sample rate of the sound that will come: 16-bit little-endian integers, one channel."""


class Listener:
    """One websocket that is listened to."""

    def __init__(self, websocket: WebSocket, sample_rate_hz: int, settings: ListeningSettings) -> None:
        self._websocket = websocket
        self._settings = settings
        self._left_bytes = int(settings.max_listen_seconds * sample_rate_hz) * _SAMPLE_BYTES

    async def say(self, kind: str, **members: Any) -> None:
        """Send one message. Raises WebSocketDisconnect when the client has left."""
        await self._websocket.send_text(orjson.dumps({"type": kind, **members}).decode())

    async def sounds(self) -> AsyncGenerator[Samples, None]:
        """Yield the sound of each message, float32 (n,), until the one that says that there is no more.

        Raises InvalidInput, TooLarge, TimedOut, and WebSocketDisconnect when the client leaves.
        """
        half = b""
        while (message := await self._next()).get("text") is None:
            sound: bytes = message["bytes"]
            self._require_room(sound)
            whole_bytes = (len(half) + len(sound)) // _SAMPLE_BYTES * _SAMPLE_BYTES
            sound = half + sound
            half = sound[whole_bytes:]
            yield np.frombuffer(sound[:whole_bytes], "<i2").astype(np.float32) * _FULL_SCALE
        _require_finish(message["text"])

    async def _next(self) -> Message:
        wait_seconds = self._settings.listen_wait_seconds
        try:
            async with asyncio.timeout(wait_seconds):
                message = await self._websocket.receive()
        except TimeoutError as error:
            raise TimedOut(f"Nothing came for {wait_seconds:g} seconds; send silence while nothing is said.") from error
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message["code"])
        return message

    def _require_room(self, sound: bytes) -> None:
        most_bytes, most_seconds = self._settings.max_frame_bytes, self._settings.max_listen_seconds
        if len(sound) > most_bytes:
            raise TooLarge(f"One message may hold at most {most_bytes} bytes of sound.", limit=most_bytes)
        self._left_bytes -= len(sound)
        if self._left_bytes < 0:
            raise TooLarge(f"One websocket takes at most {most_seconds:g} seconds of sound.", limit=most_seconds)


class Listeners:
    """The websockets that a service listens to at once, and how long it listens to each."""

    def __init__(self, settings: ListeningSettings, metrics: Metrics) -> None:
        self._settings = settings
        # No queue: what is spoken while one waits would not be heard.
        self._slots = Slots(settings.listeners_at_once, 0, settings.queue_wait_seconds, metrics)

    @asynccontextmanager
    async def listen(self, websocket: WebSocket, sample_rate_hz: int) -> AsyncIterator[Listener]:
        """Open a websocket for the block, and close it unless the block fails. Raises Busy and TimedOut."""
        await websocket.accept()
        async with self._slots.take(), self._for_a_while():
            yield Listener(websocket, sample_rate_hz, self._settings)
        await websocket.close()

    @asynccontextmanager
    async def _for_a_while(self) -> AsyncIterator[None]:
        limit = self._settings.max_listen_seconds
        try:
            async with asyncio.timeout(limit):
                yield
        except TimeoutError as error:
            raise TimedOut(f"One websocket is listened to for at most {limit:g} seconds; open another.") from error


def _require_finish(text: str) -> None:
    """Raise InvalidInput unless the one text that a client may send is this one."""
    try:
        order = orjson.loads(text)
    except orjson.JSONDecodeError:
        order = None
    if order != {"type": "finish"}:
        raise InvalidInput('Send sound as binary messages, and at its end the text {"type": "finish"}.')
