"""A stored object as an answer, in bounded memory."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager

from shared.objects import ObjectStore


async def chunks_of(objects: ObjectStore, key: str) -> AsyncGenerator[bytes, None]:
    """Yield an object's chunks; reading happens in threads. Raises NotFound, Unavailable."""
    opened: AbstractContextManager[Iterator[bytes]] = objects.open(key)
    chunks = await asyncio.to_thread(opened.__enter__)
    try:
        while chunk := await asyncio.to_thread(next, chunks, b""):
            yield chunk
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)
