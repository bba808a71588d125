"""Everything that waits in a bucket, done by the processes of this machine."""

import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from secrets import token_hex

from jobs.transcribe.bucket import Bucket, open_bucket
from jobs.transcribe.claims import Claims, remove_orphans
from jobs.transcribe.crew import Crew
from jobs.transcribe.plan import child_list
from jobs.transcribe.recordings import Outcome
from jobs.transcribe.reports import progress, say, show_summary
from jobs.transcribe.settings import BatchSettings
from jobs.transcribe.statuses import DONE, SOME_LEFT
from jobs.transcribe.transcript import Options
from jobs.transcribe.turns import Turns
from jobs.transcribe.waiting import with_reasons
from jobs.transcribe.worker import Order
from shared.children import child_index
from shared.objects import ObjectInfo, open_objects
from shared.objects.base import LeftOut
from shared.problems import StorageFull, Unavailable


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of what waited."""

    outcomes: Sequence[Outcome]
    refused: Sequence[LeftOut]

    @property
    def status(self) -> int:
        """DONE if all went well, SOME_LEFT if a recording failed or was left."""
        is_all_well = not self.refused and all(outcome.state not in ("failed", "left") for outcome in self.outcomes)
        return DONE if is_all_well else SOME_LEFT


def run(location: str, options: Options, settings: BatchSettings) -> int:
    """Do what waits and show what became of it; return DONE or SOME_LEFT. Raises Problem."""
    began = time.monotonic()
    ended = ended_run(location, options, settings, child_index(os.environ))
    if ended is None:
        say("Nothing waits in input/.")
        return DONE
    show_summary(ended.outcomes, ended.refused, time.monotonic() - began)
    return ended.status


def ended_run(location: str, options: Options, settings: BatchSettings, index: int | None) -> Ended | None:
    """Do what waits, first what is planned for a child; return what became of it, None if nothing waits.

    Raises Problem.
    """
    bucket = open_bucket(location)
    waiting = with_reasons(bucket)
    if not waiting.recordings and not waiting.refused:
        _tidy(bucket)
        return None
    order = Order(location, options, settings, token_hex(8))
    planned = order_of_work(bucket, waiting.recordings, index)
    turns = Turns(bucket, planned, waiting.recordings, settings.batch_lease_seconds, waits=settings.batch_waits)
    outcomes = _outcomes(order, turns, len(planned), min(settings.processes, len(waiting.recordings)))
    _tidy(bucket)
    return Ended(outcomes, waiting.refused)


def _tidy(bucket: Bucket) -> None:
    with suppress(Unavailable, StorageFull):  # then the next run does it
        remove_orphans(bucket)


def order_of_work(bucket: Bucket, waiting: Sequence[ObjectInfo], index: int | None) -> list[str]:
    """Return what to begin with: all, largest first, or what is planned for this child.

    Where nobody has planned, each child goes through all in an order of its own, so that they seldom meet.
    """
    if index is None:
        return [info.key for info in sorted(waiting, key=lambda info: (-info.size_bytes, info.key))]
    keys = [info.key for info in waiting]
    if planned := child_list(bucket, index):
        there = set(keys)
        return [key for key in planned if key in there]
    random.Random(index).shuffle(keys)  # noqa: S311 - no secret
    return keys


def _outcomes(order: Order, turns: Turns, total: int, processes: int) -> list[Outcome]:
    outcomes = []
    with progress(total) as advance, Crew(order, processes) as crew, _released(crew, order):
        for outcome in crew.outcomes(turns):
            advance(outcome)
            outcomes.append(outcome)
    return outcomes


@contextmanager
def _released(crew: Crew, order: Order) -> Iterator[None]:
    """Give up the claims of processes that are ended with this one, so that nobody has to wait for them."""
    try:
        yield
    finally:
        busy = crew.busy
        crew.end()
        for key, owner in busy.items():
            with suppress(Unavailable, StorageFull):  # then others wait for a lease
                Claims(open_objects(order.location), owner, order.settings.batch_lease_seconds).release(key)
