"""Messages of a queue, several at once: each is done at least once, and deleted only when it is done."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from gateway.jobs.serialise import problem_body
from gateway.upstream import Relayed
from jobs.sqs import Message, Queue
from shared.background import during
from shared.health import Health
from shared.problems import Problem, Unavailable

Work = Callable[[Message, bool], Awaitable[None]]
"""Does what a message asks for; told whether the message comes for the last time."""

_log = logging.getLogger("timbre.jobs")
_AWAY_SECONDS = 2.0


class Consumer:
    """Hands messages to `work`. One whose work fails stays in the queue, and comes again after a growing pause."""

    def __init__(self, queue: Queue, work: Work, at_once: int, health: Health) -> None:
        self._queue = queue
        self._work = work
        self._at_once = at_once
        self._health = health
        self._working: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    @asynccontextmanager
    async def running(self, grace_seconds: float) -> AsyncIterator[None]:
        """Do messages during the block; then take no more, and give back those not done within `grace_seconds`."""
        self._health.wait_for("queue", "not asked yet")
        receiving = asyncio.create_task(self._receive())
        receiving.add_done_callback(self._stopped)
        try:
            yield
        finally:
            self._closing.set()
            await asyncio.wait({receiving, *self._working}, timeout=grace_seconds)
            for task in (late := [receiving, *self._working]):
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _receive(self) -> None:
        while not self._closing.is_set():
            try:
                most_receives = await asyncio.to_thread(self._queue.most_receives)
                self._health.clear("queue")
                await self._hand_out(most_receives)
            except Unavailable as problem:
                _log.warning("%s", problem.detail)
                self._health.wait_for("queue", problem.detail)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), _AWAY_SECONDS)

    def _stopped(self, task: "asyncio.Task[None]") -> None:
        if error := None if task.cancelled() else task.exception():
            _log.error("no more messages are taken", exc_info=error)
            self._health.wait_for("queue", "an error of our own; the log has it")

    async def _hand_out(self, most_receives: int) -> None:
        while not self._closing.is_set():
            while len(self._working) >= self._at_once:
                await asyncio.wait(self._working, return_when=asyncio.FIRST_COMPLETED)
            for message in await asyncio.to_thread(self._queue.receive, self._at_once - len(self._working)):
                if self._closing.is_set():
                    await self._hide(message, 0)
                else:
                    self._start(message, is_last=message.receives >= most_receives)

    def _start(self, message: Message, *, is_last: bool) -> None:
        task = asyncio.create_task(self._do(message, is_last=is_last), name=message.id)
        self._working.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._working.discard(task)
        if error := None if task.cancelled() else task.exception():
            surprise = None if isinstance(error, Problem | Relayed) else error
            _log.warning("message %s failed: %s", task.get_name(), problem_body(error)["type"], exc_info=surprise)

    async def _do(self, message: Message, *, is_last: bool) -> None:
        try:
            async with during(self._held(message)):
                await self._work(message, is_last)
            await asyncio.to_thread(self._queue.delete, message)
        except BaseException as error:  # whatever it is, a cancellation too: the message must not stay hidden
            gives_back = isinstance(error, asyncio.CancelledError)
            pause_seconds = min(int(2**message.receives), self._queue.hold_seconds)
            await self._hide(message, 0 if gives_back else pause_seconds)
            raise

    async def _held(self, message: Message) -> None:
        """Keep the message from other workers as long as this goes on."""
        while True:
            await asyncio.sleep(self._queue.hold_seconds / 3)
            await self._hide(message, self._queue.hold_seconds)

    async def _hide(self, message: Message, seconds: int) -> None:
        with suppress(Unavailable):  # then it comes again a little earlier or later
            await asyncio.to_thread(self._queue.hide, message, seconds)
