"""The chores as durable workflows, and when they are done."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from dbos import DBOS, StepOptions

from gateway.jobs.chores import Chores
from gateway.jobs.enqueuing import chore_options
from gateway.jobs.names import CHORES, CLEAR, FORGET, FORGET_FILES, LATE_SECONDS, NOTIFY, SWEEP
from gateway.jobs.running import RETRIES, may_pass
from shared.problems import Json, StorageFull, Unavailable

_log = logging.getLogger("timbre.jobs")
_HOURLY = "0 0 * * * *"

_OPTIONS: StepOptions = {**RETRIES, "name": "remove", "should_retry": may_pass}
_PAUSES_SECONDS = (2, 8, 32, 128, 512, 2048, 3600)
"""Between the tries of a chore; meanwhile it waits in the database and keeps the worker from no other."""
_MOST_NOTICES = len(_PAUSES_SECONDS) + 1
_MOST_REMOVALS = 200
"""With an hour between them these are eight days."""

Expire = Callable[[Any, Any], Coroutine[Any, Any, None]]
Try = Callable[..., Coroutine[Any, Any, None]]


def register(chores: Chores) -> Expire:
    """Make the chores known to the job engine, before it starts; return the one that is to be scheduled."""

    @DBOS.workflow(name=CLEAR)
    async def clear(job_id: str, webhook: dict[str, str] | None = None, tries: int = 0) -> None:
        if await _went_well(chores.stop, job_id):
            await _sweep_later(job_id)
            await announce(job_id, webhook)
        else:
            await _put_off(CLEAR, _MOST_REMOVALS, tries, job_id, dict(webhook) if webhook else None)

    @DBOS.workflow(name=FORGET)
    async def forget(job_id: str, tries: int = 0) -> None:
        if await _went_well(chores.forget, job_id):
            await _sweep_later(job_id)
        else:
            await _put_off(FORGET, _MOST_REMOVALS, tries, job_id)

    @DBOS.workflow(name=SWEEP)
    async def sweep(job_id: str, tries: int = 0) -> None:
        if not await _went_well(chores.sweep, job_id):
            await _put_off(SWEEP, _MOST_REMOVALS, tries, job_id)

    @DBOS.workflow(name=FORGET_FILES)
    async def forget_files(caller: str, until: str, tries: int = 0) -> None:
        if not await _went_well(chores.forget_files, caller, until):
            await _put_off(FORGET_FILES, _MOST_REMOVALS, tries, caller, until)

    @DBOS.workflow(name=NOTIFY)
    async def notify(job_id: str, url: str, secret: str, tries: int = 0) -> None:
        if not await _went_well(chores.notify, job_id, url, secret):
            await _put_off(NOTIFY, _MOST_NOTICES, tries, job_id, url, secret)

    @DBOS.workflow(name="expire")
    async def expire(_: Any, __: Any) -> None:
        count = await DBOS.run_step_async(_OPTIONS, chores.expire)  # else the next hour's does it
        _log.info("forgot %d old jobs, chores and files", count)

    return expire


async def schedule(expire: Expire) -> None:
    """Take chores from the queue, and have old jobs forgotten every hour by whichever worker comes first."""
    await DBOS.register_queue_async(CHORES, worker_concurrency=16, polling_interval_sec=0.5)
    await DBOS.apply_schedules_async(
        [{"schedule_name": "expire", "workflow_fn": expire, "schedule": _HOURLY, "queue_name": CHORES}]
    )


async def _sweep_later(job_id: str) -> None:
    await _enqueue(SWEEP, f"{DBOS.workflow_id}-{SWEEP}", LATE_SECONDS, job_id)


async def announce(job_id: str, webhook: dict[str, str] | None) -> None:
    """Have the webhook of a job told, once, and when its end is written down."""
    if webhook:
        await _enqueue(NOTIFY, f"{job_id}-{NOTIFY}", None, job_id, webhook["url"], webhook["secret"])


async def _went_well(work: Try, *arguments: str) -> bool:
    """Do a chore; return False where it may go well later. Raises InvalidInput where it never will."""

    async def attempt() -> bool:
        try:
            await work(*arguments)
        except (Unavailable, StorageFull):
            return False
        return True

    return await DBOS.run_step_async({"name": "try"}, attempt)


async def _put_off(name: str, most_tries: int, tries: int, *arguments: Json) -> None:
    """Have the chore done later; `tries` went before this one, which was in vain too."""
    chore_id = (DBOS.workflow_id or "").removesuffix(f"-{tries}" if tries else "")
    if tries + 1 == most_tries:
        _log.warning("%s is given up after %d tries", chore_id, most_tries)
        return
    pause_seconds = _PAUSES_SECONDS[min(tries, len(_PAUSES_SECONDS) - 1)]
    await _enqueue(name, f"{chore_id}-{tries + 1}", pause_seconds, *arguments, tries + 1)


async def _enqueue(name: str, chore_id: str, delay_seconds: float | None, *arguments: Json) -> None:
    await DBOS.enqueue_workflow_with_options_async(chore_options(name, chore_id, delay_seconds), *arguments)
