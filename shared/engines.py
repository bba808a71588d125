"""Engines: found in a table by name, imported only when chosen, given work in a fixed number of slots and threads."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from itertools import islice
from typing import TypeVar

from shared.metrics import Metrics
from shared.problems import Busy

T = TypeVar("T")


def find_engine(table: Mapping[str, str], name: str) -> type:
    """Import and return the class that `table` ("module:Class" by name) has under `name`.

    Raises LookupError naming the engines that exist.
    """
    if name not in table:
        raise LookupError(f"No engine {name!r}; there are: {', '.join(sorted(table))}")
    module, _, class_name = table[name].partition(":")
    found: type = getattr(importlib.import_module(module), class_name)
    return found


class EngineThreads:
    """The threads in which an engine works; its work is measured under its name.

    They are as many as it has slots. Where they are more, so that other work goes on beside the engine's, `slots`
    bounds what is timed.
    """

    def __init__(
        self, executor: Executor, metrics: Metrics, engine: str, slots: AbstractContextManager[object] | None = None
    ) -> None:
        self._executor = executor
        self._metrics = metrics
        self._engine = engine
        self._slots = slots or nullcontext()

    def named(self, engine: str) -> "EngineThreads":
        """Return the same threads for the work of another engine, which is measured under that name."""
        return EngineThreads(self._executor, self._metrics, engine, self._slots)

    async def run(self, work: Callable[..., T], *arguments: object) -> T:
        """Do other work there, as decoding, whose engine's part `timed` measures."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, work, *arguments)

    async def each(self, pieces: Generator[T, None, None]) -> AsyncGenerator[T, None]:
        """Do a piece of work for each item; behind each, others get their turn.

        No thread can be interrupted: when the caller leaves, `pieces` is closed behind the piece that is being done.
        """
        piece: Future[list[T]] = self._executor.submit(_next, pieces)
        try:
            while items := await asyncio.wrap_future(piece):
                yield items[0]
                piece = self._executor.submit(_next, pieces)
        finally:
            piece.add_done_callback(lambda _: pieces.close())

    async def run_engine(self, work: Callable[..., T], *arguments: object) -> T:
        """Do a piece of the engine's work there."""
        return await self.run(self.timed, work, *arguments)

    def timed(self, work: Callable[..., T], *arguments: object) -> T:
        """Do a piece of the engine's work in this thread, when there is a slot for it."""
        with self._slots, self._metrics.engine_time(self._engine):
            return work(*arguments)


def _next(pieces: Iterator[T]) -> list[T]:
    """Return the next item, or nothing at the end: StopIteration cannot pass through a future."""
    return list(islice(pieces, 1))


class Slots:
    """A fixed number of places and a bounded queue before them; beyond that the answer is Busy.

    How long engines work is measured where they are called: a place may be held for many pieces of work.
    """

    def __init__(self, slots: int, queue: int, queue_wait_seconds: float, metrics: Metrics) -> None:
        self._free = asyncio.Semaphore(slots)
        self._queue = queue
        self._queue_wait_seconds = queue_wait_seconds
        self._waiting = 0
        self._metrics = metrics

    @asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Hold one slot for the block. Raises Busy when the queue is full or the wait too long."""
        await self._acquire()
        try:
            yield
        finally:
            self._free.release()

    async def _acquire(self) -> None:
        if not self._free.locked():
            await self._free.acquire()
            return
        if self._waiting >= self._queue:
            self._refuse("The queue for the engine is full.")
        await self._wait()

    async def _wait(self) -> None:
        self._waiting += 1
        self._metrics.queue.set(self._waiting)
        try:
            async with asyncio.timeout(self._queue_wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            self._refuse("No engine slot became free in time.")
        finally:
            self._waiting -= 1
            self._metrics.queue.set(self._waiting)

    def _refuse(self, why: str) -> None:
        self._metrics.refused.inc()
        raise Busy(f"{why} Try again in a second.", retry_after_seconds=1)
