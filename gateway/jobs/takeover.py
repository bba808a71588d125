"""The living take over the jobs of dead workers."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, SetWorkflowID, WorkflowStatus

from gateway.jobs.enqueuing import chore_options
from gateway.jobs.heartbeat import Heartbeat, Watch
from gateway.jobs.kinds import KINDS, queue_of
from gateway.jobs.names import CANCELLED, LATE_SECONDS, SWEEP, TAKEN_OVER
from gateway.jobs.running import RETRIES
from gateway.jobs.settings import WorkerSettings
from gateway.jobs.views import UNENDED
from shared.background import during

TakeOver = Callable[[str], Coroutine[Any, Any, int]]
_log = logging.getLogger("timbre.jobs")


async def take_over(client: DBOSClient, worker_id: str) -> int:
    """Put the dead worker's jobs and chores back into the queue; return how many. May be done again at any point."""
    pending = await client.list_workflows_async(
        status="PENDING", executor_id=worker_id, load_input=False, load_output=False
    )
    for status in pending:
        await _put_back(client, status)
    await _cancel_again(client)
    return len(pending)


async def _put_back(client: DBOSClient, status: WorkflowStatus) -> None:
    """Let the job wait in its own queue again, and note that it has outlasted one more worker."""
    lives = {TAKEN_OVER: (status.attributes or {}).get(TAKEN_OVER, 0) + 1}
    await client.update_workflow_attributes_async(status.workflow_id, lives, merge=True)
    if status.name in KINDS:
        # A worker that was only cut off from us may still store what it was making when the job has long ended.
        later = chore_options(SWEEP, f"{status.workflow_id}-{SWEEP}-{lives[TAKEN_OVER]}", LATE_SECONDS)
        await client.enqueue_async(later, status.workflow_id)
    await client.resume_workflows_async([status.workflow_id], queue_name=queue_of(status.name))


async def _cancel_again(client: DBOSClient) -> None:
    """Cancel what its caller had cancelled while it was put back, as that had undone it.

    All jobs are looked at: those of a take-over that was broken off are no longer the dead worker's.
    """
    for status in await client.list_workflows_async(status=UNENDED, load_input=False, load_output=False):
        if (status.attributes or {}).get(CANCELLED):
            await client.cancel_workflow_async(status.workflow_id)


def register(client: DBOSClient) -> TakeOver:
    """Make taking over known to the job engine, before it starts."""

    @DBOS.workflow(name="take-over")
    async def workflow(worker_id: str) -> int:
        return await DBOS.run_step_async({**RETRIES, "name": "resume"}, take_over, client, worker_id)

    return workflow


def watching(
    heartbeat: Heartbeat, engine: sa.Engine, settings: WorkerSettings, take_over: TakeOver
) -> AbstractAsyncContextManager[None]:
    """Beat, and watch the others, during the block: apart, as a look waits longer for a database that is away."""
    watch = Watch(engine, settings.worker, settings.lease_seconds)

    async def beat() -> None:
        await asyncio.to_thread(heartbeat.beat)

    async def look() -> None:
        await _look(watch, take_over, settings.lease_seconds)

    return during(*(_again(work, settings.beat_seconds) for work in (beat, look)))


async def _again(work: Callable[[], Coroutine[Any, Any, None]], pause_seconds: float) -> None:
    while True:
        try:
            await work()
        except sa.exc.SQLAlchemyError:
            _log.warning("the database of jobs cannot be reached; trying again soon")
        await asyncio.sleep(pause_seconds)


async def _look(watch: Watch, take_over: TakeOver, lease_seconds: float) -> None:
    pending = await DBOS.list_workflows_async(status="PENDING", load_input=False, load_output=False)
    workers = {status.executor_id for status in pending if status.executor_id}
    for worker_id, beats in (await asyncio.to_thread(watch.dead, workers)).items():
        _log.warning("worker %s is silent; its jobs are taken over", worker_id)
        # One of the living does it, once; and again a lease later if that failed, or if it died anew before it beat.
        lease = int(time.time() / lease_seconds)
        with SetWorkflowID(f"take-over-{worker_id}-{beats}-{lease}"):
            await DBOS.start_workflow_async(take_over, worker_id)
