"""Streams that fail before the answer starts, and end when the client leaves."""

import asyncio
from collections.abc import AsyncIterator
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")


async def started(request: Request, stream: AsyncIterator[T]) -> AsyncIterator[T]:
    """Pull the first item of `stream` and return a stream that begins with it.

    An error of the first item is raised here, while the status of the answer can still say so. If the client
    leaves meanwhile the work is cancelled and ClientDisconnect is raised. An empty stream raises
    StopAsyncIteration's sibling ValueError: a producer of nothing is a defect.
    """
    first = asyncio.ensure_future(anext(stream))
    leaving = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({first, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not first.done():
            raise ClientDisconnect
        return _chain(await first, stream)
    finally:
        leaving.cancel()
        if not first.done():
            first.cancel()
            await asyncio.wait({first})


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _chain(first: T, rest: AsyncIterator[T]) -> AsyncIterator[T]:
    yield first
    async for item in rest:
        yield item
