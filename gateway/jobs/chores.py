"""Work around the jobs, as durable as they are: telling of their end, clearing up, forgetting what is old."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOS, DBOSClient, StepOptions

from gateway.jobs.kinds import KINDS
from gateway.jobs.names import CHORES, CLEAR, FORGET, NOTIFY
from gateway.jobs.running import RETRIES, may_pass
from gateway.jobs.schemas import ENDED
from gateway.jobs.views import job_of
from shared.objects import ObjectStore
from shared.problems import InvalidInput, Unavailable

_log = logging.getLogger("timbre.jobs")
_HOURLY = "0 0 * * * *"
_AT_ONCE = 100
_DELIVERY: StepOptions = {
    "name": "deliver",
    "retries_allowed": True,
    "interval_seconds": 2.0,
    "backoff_rate": 3.0,
    "max_attempts": 8,
    "should_retry": lambda error: not isinstance(error, InvalidInput),
}
"""Tried for more than an hour, after 2, 6, 18, ... seconds."""

Expire = Callable[[Any, Any], Coroutine[Any, Any, None]]
Deliver = Callable[[str, str, bytes], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Chores:
    """What the chores need."""

    client: DBOSClient
    objects: ObjectStore
    retention: timedelta
    deliver: Deliver

    async def clear(self, job_id: str) -> None:
        """Remove all that a job stored."""
        await asyncio.to_thread(self._remove, f"jobs/{job_id}/")

    async def forget(self, job_id: str) -> None:
        """Remove a job: what it stored, and then its line in the database."""
        await self.clear(job_id)
        await self.client.delete_workflow_async(job_id)

    async def expire(self) -> int:
        """Forget the jobs that ended longer ago than they are kept; return how many there were."""
        until, count = (datetime.now(UTC) - self.retention).isoformat(), 0
        while old := await self.client.list_workflows_async(
            name=list(KINDS), completed_before=until, limit=_AT_ONCE, load_input=False, load_output=False
        ):
            for status in old:
                await self.forget(status.workflow_id)
            count += len(old)
        return count

    async def notify(self, job_id: str, url: str, secret: str) -> None:
        """Send the ended job to the webhook. Raises Unavailable while it has not ended, and what `deliver` raises."""
        found = await self.client.list_workflows_async(workflow_ids=[job_id], load_input=False)
        if not found:
            return  # forgotten meanwhile
        job = job_of(found[0], self.retention)
        if job.state not in ENDED:
            raise Unavailable("The job has not ended yet.")
        await self.deliver(url, secret, job.model_dump_json().encode())

    def _remove(self, prefix: str) -> None:
        for found in list(self.objects.list(prefix)):
            self.objects.delete(found.key)


def register(chores: Chores) -> Expire:
    """Make the chores known to the job engine, before it starts; return the one that is to be scheduled."""

    @DBOS.workflow(name=CLEAR)
    async def clear(job_id: str) -> None:
        await DBOS.run_step_async(_options("remove"), chores.clear, job_id)

    @DBOS.workflow(name=FORGET)
    async def forget(job_id: str) -> None:
        await DBOS.run_step_async(_options("remove"), chores.forget, job_id)

    @DBOS.workflow(name=NOTIFY)
    async def notify(job_id: str, url: str, secret: str) -> None:
        await DBOS.run_step_async(_DELIVERY, chores.notify, job_id, url, secret)

    @DBOS.workflow(name="expire")
    async def expire(_: Any, __: Any) -> None:
        count = await DBOS.run_step_async(_options("remove"), chores.expire)
        _log.info("forgot %d old jobs", count)

    return expire


async def schedule(expire: Expire) -> None:
    """Take chores from the queue, and have old jobs forgotten every hour by whichever worker comes first."""
    await DBOS.register_queue_async(CHORES, worker_concurrency=16, polling_interval_sec=0.5)
    await DBOS.apply_schedules_async(
        [{"schedule_name": "expire", "workflow_fn": expire, "schedule": _HOURLY, "queue_name": CHORES}]
    )


def _options(name: str) -> StepOptions:
    return {**RETRIES, "name": name, "should_retry": may_pass}
