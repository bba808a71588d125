"""Work that ends when the client leaves: for whole answers, and for streams that fail before they start, one ahead."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

T = TypeVar("T")


async def started(request: Request, stream: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Pull the first item of `stream` and return a stream that begins with it.

    An error of the first item is raised here, while the status of the answer can still say so. If the client
    leaves meanwhile the work is cancelled and ClientDisconnect is raised.
    """
    ahead = one_ahead(stream)
    return chained(await while_connected(request, anext(ahead)), ahead)


async def while_connected(request: Request, work: Awaitable[T]) -> T:
    """Return what `work` gives. If the client leaves meanwhile it is cancelled and ClientDisconnect is raised."""
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise ClientDisconnect
        return working.result()
    finally:
        await _end(leaving)
        await _end(working)


async def one_ahead(stream: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Yield the items of `stream`, each being made while the one before it is used."""
    upcoming = asyncio.ensure_future(anext(stream))
    try:
        while True:
            try:
                item = await upcoming
            except StopAsyncIteration:
                return
            upcoming = asyncio.ensure_future(anext(stream))
            yield item
    finally:
        await _end(upcoming)
        await stream.aclose()


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def chained(first: T, rest: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """Yield `first`, which was pulled from the stream `rest` to look at it, and then what is left."""
    async with aclosing(rest):
        yield first
        async for item in rest:
            yield item


async def _end(task: "asyncio.Future[T]") -> None:
    """Cancel `task` if it still runs, and wait until it has ended; its error, if any, is nobody's any more."""
    task.cancel()
    await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
