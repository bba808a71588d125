"""A value that is fetched again when it has grown old, by one caller for all."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Cached(Generic[T]):
    """Keeps what a fetch gave for `seconds`; callers that come while it is fetched wait for that one fetch."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._fetched = 0.0

    async def get(self, fetch: Callable[[], Awaitable[T]]) -> T:
        """Return the kept value, or a new one from `fetch`, whose errors are raised and not kept."""
        async with self._lock:
            if self._value is None or time.monotonic() - self._fetched >= self._seconds:
                self._value = await fetch()
                self._fetched = time.monotonic()
            return self._value
