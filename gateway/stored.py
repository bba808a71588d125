"""Stored objects: as answers, in bounded memory, and those that are ours to find."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager, contextmanager

from shared.objects import ObjectStore
from shared.problems import NotFound, Unavailable


async def chunks_of(objects: ObjectStore, key: str) -> AsyncGenerator[bytes, None]:
    """Yield an object's chunks; reading happens in threads. Raises NotFound, Unavailable."""
    opened: AbstractContextManager[Iterator[bytes]] = objects.open(key)
    chunks = await asyncio.to_thread(opened.__enter__)
    try:
        while chunk := await asyncio.to_thread(next, chunks, b""):
            yield chunk
    finally:
        await asyncio.to_thread(opened.__exit__, None, None, None)


@contextmanager
def our_own() -> Iterator[None]:
    """Say of what the job itself has stored and now misses that the storage fails, which may pass."""
    try:
        yield
    except NotFound as error:
        raise Unavailable("The storage does not find what it took before.") from error
