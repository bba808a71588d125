"""Texts of an utterance while it is still spoken."""

import asyncio
import time
from collections.abc import Awaitable, Callable

LEAST_REST_SECONDS = 0.3


class Partials:
    """Works at one text at a time, then rests for as long as it took, so that what is spoken never outruns it.

    What takes longer the busier the engine is, is asked for the less often.
    """

    def __init__(self) -> None:
        self._work: asyncio.Task[None] | None = None
        self._rest_until = 0.0

    @property
    def are_due(self) -> bool:
        """Whether the next one may begin. Raises what the last one raised."""
        if self._work is not None and self._work.done():
            self._work.result()
            self._work = None
        return self._work is None and time.monotonic() >= self._rest_until

    def begin(self, work: Callable[[], Awaitable[None]]) -> None:
        """Begin the next one, and return at once."""
        self._work = asyncio.create_task(self._timed(work))

    async def aclose(self) -> None:
        """Give up the one that is worked at."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)

    async def _timed(self, work: Callable[[], Awaitable[None]]) -> None:
        start = time.monotonic()
        await work()
        end = time.monotonic()
        self._rest_until = end + max(end - start, LEAST_REST_SECONDS)
