"""The chores as durable workflows, and when they are done."""

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from dbos import DBOS, StepOptions

from gateway.jobs.chores import Chores
from gateway.jobs.names import (
    CHORES,
    CLEAR,
    FORGET,
    FORGET_FILES,
    NOTIFY,
    WEBHOOK_PAUSES_SECONDS,
    chore_options,
    notice_id,
)
from gateway.jobs.running import RETRIES, may_pass

_log = logging.getLogger("timbre.jobs")
_SWEEP = "sweep"
_HOURLY = "0 0 * * * *"
_LATE_SECONDS = 900
"""A thread that writes for a stopped job cannot be broken off; within this time it has ended."""

Expire = Callable[[Any, Any], Coroutine[Any, Any, None]]


def register(chores: Chores) -> Expire:
    """Make the chores known to the job engine, before it starts; return the one that is to be scheduled."""

    @DBOS.workflow(name=CLEAR)
    async def clear(job_id: str, webhook: dict[str, str] | None = None) -> None:
        if await DBOS.run_step_async(_options("stop"), chores.stop, job_id):
            await DBOS.run_step_async(_options("remove"), chores.clear, job_id)
            await announce(job_id, webhook)

    @DBOS.workflow(name=FORGET)
    async def forget(job_id: str) -> None:
        await DBOS.run_step_async(_options("remove"), chores.forget, job_id)
        later = chore_options(_SWEEP, f"{DBOS.workflow_id}-{_SWEEP}", _LATE_SECONDS)
        await DBOS.enqueue_workflow_with_options_async(later, job_id)

    @DBOS.workflow(name=_SWEEP)
    async def sweep(job_id: str) -> None:
        await DBOS.run_step_async(_options("remove"), chores.sweep, job_id)

    @DBOS.workflow(name=FORGET_FILES)
    async def forget_files(caller: str, until: str) -> None:
        await DBOS.run_step_async(_options("remove"), chores.forget_files, caller, until)

    @DBOS.workflow(name=NOTIFY)
    async def notify(job_id: str, url: str, secret: str, tries: int = 0) -> None:
        if await DBOS.run_step_async({"name": "deliver"}, chores.tell, job_id, url, secret):
            return
        if tries == len(WEBHOOK_PAUSES_SECONDS):
            _log.warning("the webhook of %s is given up after %d tries", job_id, tries + 1)
            return
        later = chore_options(NOTIFY, notice_id(job_id, tries + 1), WEBHOOK_PAUSES_SECONDS[tries])
        await DBOS.enqueue_workflow_with_options_async(later, job_id, url, secret, tries + 1)

    @DBOS.workflow(name="expire")
    async def expire(_: Any, __: Any) -> None:
        count = await DBOS.run_step_async(_options("remove"), chores.expire)
        _log.info("forgot %d old jobs, chores and files", count)

    return expire


async def schedule(expire: Expire) -> None:
    """Take chores from the queue, and have old jobs forgotten every hour by whichever worker comes first."""
    await DBOS.register_queue_async(CHORES, worker_concurrency=16, polling_interval_sec=0.5)
    await DBOS.apply_schedules_async(
        [{"schedule_name": "expire", "workflow_fn": expire, "schedule": _HOURLY, "queue_name": CHORES}]
    )


async def announce(job_id: str, webhook: dict[str, str] | None) -> None:
    """Have the webhook of a job told, once, and when its end is written down."""
    if webhook:
        options = chore_options(NOTIFY, notice_id(job_id))
        await DBOS.enqueue_workflow_with_options_async(options, job_id, webhook["url"], webhook["secret"])


def _options(name: str) -> StepOptions:
    return {**RETRIES, "name": name, "should_retry": may_pass}
