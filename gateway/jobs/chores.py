"""Work around the jobs, as durable as they are: telling of their end, clearing up, forgetting what is old."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSClient, StepOptions

from gateway.files.files import Files
from gateway.jobs.kept import Kept
from gateway.jobs.names import CHORES, CLEAR, FORGET, FORGET_FILES, NOTIFY, chore_options
from gateway.jobs.running import RETRIES, may_pass
from gateway.jobs.schemas import ENDED
from gateway.jobs.views import job_of
from shared.problems import Unavailable

_log = logging.getLogger("timbre.jobs")
_SWEEP = "sweep"
_HOURLY = "0 0 * * * *"
_AT_ONCE = 100
_PAUSES_SECONDS = (2, 8, 32, 128, 512, 2048, 3600)
"""Between the tries of a webhook; meanwhile the chore waits in the database and keeps the worker from no other."""
_LATE_SECONDS = 900
"""A thread that writes for a stopped job cannot be broken off; within this time it has ended."""

Expire = Callable[[Any, Any], Coroutine[Any, Any, None]]
Deliver = Callable[[str, str, bytes], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Chores:
    """What the chores need."""

    client: DBOSClient
    kept: Kept
    retention: timedelta
    deliver: Deliver

    async def clear(self, job_id: str) -> None:
        """Remove all that a job stored."""
        await asyncio.to_thread(self.kept.remove, job_id)

    async def forget(self, job_id: str) -> None:
        """Remove a job: what it stored, and then its line in the database, and those of its chores."""
        await self.clear(job_id)
        await self.client.delete_workflows_async([job_id, *await self._chores_of(job_id)])

    async def sweep(self, job_id: str) -> None:
        """Remove what was still stored for a job after it was forgotten, unless it was submitted anew meanwhile."""
        if not await self.client.list_workflows_async(workflow_ids=[job_id], load_input=False, load_output=False):
            await self.clear(job_id)

    async def expire(self) -> int:
        """Forget the jobs and chores that ended longer ago than jobs are kept, and old files; return how many."""
        now = datetime.now(UTC)
        until, count = (now - self.retention).isoformat(), await asyncio.to_thread(Files(self.kept.objects).expire, now)
        while old := await self.client.list_workflows_async(
            completed_before=until, limit=_AT_ONCE, load_input=False, load_output=False
        ):
            for status in old:
                remove = self.forget if status.authenticated_user else self.client.delete_workflow_async
                await remove(status.workflow_id)
            count += len(old)
        await asyncio.to_thread(self.kept.expire, now - self.retention)
        return count

    async def forget_files(self, caller: str, until: str) -> None:
        """Remove the files that a caller had uploaded until a moment."""
        await asyncio.to_thread(Files(self.kept.objects).forget, caller, datetime.fromisoformat(until))

    async def notify(self, job_id: str, url: str, secret: str) -> None:
        """Send the ended job to the webhook. Raises Unavailable while it has not ended, and what `deliver` raises."""
        found = await self.client.list_workflows_async(workflow_ids=[job_id], load_input=False)
        if not found:
            return  # forgotten meanwhile
        job = job_of(found[0], self.retention)
        if job.state not in ENDED:
            raise Unavailable("The job has not ended yet.")
        await self.deliver(url, secret, job.model_dump_json().encode())

    async def tell(self, job_id: str, url: str, secret: str) -> bool:
        """Try `notify`; return False where that may go well later. Raises InvalidInput where it never will."""
        try:
            await self.notify(job_id, url, secret)
        except Unavailable:
            return False
        return True

    async def _chores_of(self, job_id: str) -> list[str]:
        """Return the chores of a job that nobody is doing; those that tell of its end hold a secret of its caller."""
        ids = [f"{job_id}-{CLEAR}", *(_notice(job_id, tries) for tries in range(len(_PAUSES_SECONDS) + 1))]
        found = await self.client.list_workflows_async(workflow_ids=ids, load_input=False, load_output=False)
        return [status.workflow_id for status in found if status.status != "PENDING"]


def register(chores: Chores) -> Expire:
    """Make the chores known to the job engine, before it starts; return the one that is to be scheduled."""

    @DBOS.workflow(name=CLEAR)
    async def clear(job_id: str) -> None:
        await DBOS.run_step_async(_options("remove"), chores.clear, job_id)

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
        if tries == len(_PAUSES_SECONDS):
            _log.warning("the webhook of %s is given up after %d tries", job_id, tries + 1)
            return
        later = chore_options(NOTIFY, _notice(job_id, tries + 1), _PAUSES_SECONDS[tries])
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


def _options(name: str) -> StepOptions:
    return {**RETRIES, "name": name, "should_retry": may_pass}


def _notice(job_id: str, tries: int) -> str:
    """Return the id of the chore that tells of the job's end after so many tries in vain."""
    return f"{job_id}-{NOTIFY}-{tries}" if tries else f"{job_id}-{NOTIFY}"
