"""Everything that waits in a bucket, done by the processes of this machine."""

import os
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
from jobs.transcribe.worker import Order
from shared.objects import ObjectInfo, open_objects
from shared.problems import InvalidInput, StorageFull, Unavailable

INDEXES = ("AWS_BATCH_JOB_ARRAY_INDEX", "JOB_COMPLETION_INDEX", "SLURM_ARRAY_TASK_ID")
"""Where engines that start many of the same tell each which one it is: AWS Batch, Kubernetes, Slurm."""


def run(location: str, options: Options, settings: BatchSettings) -> int:
    """Do what waits and show what became of it; return DONE or SOME_LEFT. Raises Problem."""
    began = time.monotonic()
    outcomes = outcomes_of(location, options, settings, child_index(os.environ))
    if outcomes is None:
        say("Nothing waits in input/.")
        return DONE
    show_summary(outcomes, time.monotonic() - began)
    return status_of(outcomes)


def status_of(outcomes: Sequence[Outcome]) -> int:
    """Return DONE if all went well, SOME_LEFT if a recording failed or was left."""
    return SOME_LEFT if any(outcome.state in ("failed", "left") for outcome in outcomes) else DONE


def outcomes_of(
    location: str, options: Options, settings: BatchSettings, index: int | None
) -> Sequence[Outcome] | None:
    """Do what waits, first what is planned for a child; return what became of it, None if nothing waits.

    Raises Problem.
    """
    bucket = open_bucket(location)
    waiting = list(bucket.inputs())
    if not waiting:
        return None
    order = Order(location, options, settings, token_hex(8))
    planned = order_of_work(bucket, waiting, index)
    keys = [info.key for info in waiting]
    turns = Turns(bucket, planned, keys, settings.batch_lease_seconds, waits=settings.batch_waits)
    outcomes = _outcomes(order, turns, len(planned), min(settings.processes, len(waiting)))
    with suppress(Unavailable, StorageFull):  # then the next run does it
        remove_orphans(bucket)
    return outcomes


def child_index(environment: Mapping[str, str]) -> int | None:
    """Return which of many this is; None if it is the only one. Raises InvalidInput."""
    told = next((environment[name] for name in INDEXES if environment.get(name)), None)
    if told is None:
        return None
    if not told.isdecimal():
        raise InvalidInput("The index of this child is no number.")
    return int(told)


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
