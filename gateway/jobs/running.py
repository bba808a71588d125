"""A job that is being done: steps that are made once and remembered."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from secrets import SystemRandom
from typing import Any

from dbos import DBOS, StepOptions, StepReservation

from gateway.upstream import Relayed
from shared.problems import Busy, EngineFailed, StorageFull, StorageRefused, TimedOut, Unavailable

Result = dict[str, Any]
"""What a step gives, as JSON."""
Work = Callable[[], Coroutine[Any, Any, Result]]

_PASSING = (Unavailable, TimedOut, Busy, EngineFailed, StorageFull)
_PASSING_STATUSES = frozenset({429, 500, 502, 503, 504, 507})
RETRIES: StepOptions = {"retries_allowed": True, "max_attempts": 8, "interval_seconds": 0.5, "backoff_rate": 2.0}
"""About a minute in all: services and storage that restart are back by then."""


@dataclass(frozen=True, slots=True)
class Running:
    """One job in this process."""

    id: str
    caller: str

    @property
    def folder(self) -> str:
        """Prefix of the keys of all that the job stores."""
        return f"jobs/{self.id}/"

    async def step(self, name: str, work: Work) -> Result:
        """Do `work` unless it was done before, and return what it gave; a failure that may pass is tried again.

        The step is stopped when the job is cancelled. Raises what the last try raised.
        """
        return await DBOS.run_step_async(_options(name), work)

    async def settled(self, name: str, works: Sequence[Work]) -> list[Result | Exception]:
        """Do many steps of one name, all at once and each to its end; return what each gave, or raised, in order."""
        reserved = [DBOS.reserve_step() for _ in works]
        steps = (place.run_async(_options(name), work) for place, work in zip(reserved, works, strict=True))
        ended: list[Result | Exception] = []
        for one in await asyncio.gather(*steps, return_exceptions=True):
            if isinstance(one, BaseException) and not isinstance(one, Exception):  # the job is broken off
                raise one
            ended.append(one)
        return ended

    async def steps(self, name: str, works: Sequence[Work], at_once: int) -> list[Result]:
        """Do many steps of one name, `at_once` of them at a time, and return what they gave, in order."""
        places = asyncio.Semaphore(at_once)
        reserved = [DBOS.reserve_step() for _ in works]  # numbers them in order, whichever ends first

        async def one(place: StepReservation, work: Work) -> Result:
            async with places:
                return await place.run_async(_options(name), work)

        tasks = [asyncio.create_task(one(*pair)) for pair in zip(reserved, works, strict=True)]
        try:
            return list(await asyncio.gather(*tasks))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def may_pass(error: BaseException) -> bool:
    """Tell whether the same work may go well a little later."""
    if isinstance(error, Relayed):
        return error.status in _PASSING_STATUSES
    return isinstance(error, _PASSING) and not isinstance(error, StorageRefused)


def _options(name: str) -> StepOptions:
    pause_seconds = RETRIES["interval_seconds"] * SystemRandom().uniform(0.5, 1.5)  # not all at the same moment
    return {**RETRIES, "interval_seconds": pause_seconds, "name": name, "should_retry": may_pass, "preemptible": True}
