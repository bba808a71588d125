"""Work that goes on beside other work, and ends with it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any


@asynccontextmanager
async def during(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do all of `work` while the block lasts. An error that ended one of it early is raised at the block's end."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            await ended(task)


async def ended(task: "asyncio.Task[None]") -> None:
    """Cancel a task and wait until it has ended. Raises the error that it ended with before, if any."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
