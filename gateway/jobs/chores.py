"""Work around the jobs, as durable as they are: telling of their end, clearing up, forgetting what is old."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOSClient

from gateway import owned
from gateway.files.files import Files
from gateway.jobs.cancelling import stop, stop_shares
from gateway.jobs.kept import Kept
from gateway.jobs.names import NAMED_JOBS, SYNTHESIS_TASKS
from gateway.jobs.schemas import ENDED, State
from gateway.jobs.views import STATES, job_of
from shared.lexicons import Lexicons
from shared.problems import Unavailable

_AT_ONCE = 100
_LONGEST_JOB = timedelta(days=7)
"""A job is kept from its end; its name, from when it was given."""

Deliver = Callable[[str, str, bytes], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Chores:
    """What the chores need."""

    client: DBOSClient
    kept: Kept
    retention: timedelta
    deliver: Deliver

    async def stop(self, job_id: str) -> None:
        """Remove what a job stored that is stopped; one that ended before keeps it.

        One that should have been stopped by now, and is not, is stopped. Raises Unavailable then, as what it was doing
        has not ended yet.
        """
        state = await self._state(job_id)
        if state is not None and state not in ENDED:  # whoever began to stop it died
            await stop(self.client, job_id)
            raise Unavailable("The step that is broken off has not ended yet.")
        if state == "cancelled":
            await stop_shares(self.client, job_id)  # one may have been handed out at that very moment
            await self.clear(job_id)

    async def clear(self, job_id: str) -> None:
        """Remove all that a job stored."""
        await asyncio.to_thread(self.kept.remove, job_id)

    async def forget(self, job_id: str) -> None:
        """Remove a job: what it stored, and then its line in the database, and those of its chores."""
        await self.clear(job_id)
        await self.client.delete_workflows_async([job_id, *await chores_of(self.client, job_id)])

    async def sweep(self, job_id: str) -> None:
        """Remove what was stored too late for a job: all of one that was stopped or forgotten, else all but results.

        One that failed keeps it, as it may need it again. Raises Unavailable while the job has not ended.
        """
        found = await self.client.list_workflows_async(workflow_ids=[job_id], load_input=False)
        state: State = STATES[found[0].status] if found else "cancelled"
        if state not in ENDED:
            raise Unavailable("The job has not ended yet.")
        if state == "cancelled":
            await self.clear(job_id)
        if state == "succeeded":
            await asyncio.to_thread(self.kept.remove_all_but, found[0].output or [], job_id)

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
        before = now - self.retention - _LONGEST_JOB
        await asyncio.to_thread(owned.expire, self.kept.objects, {NAMED_JOBS, SYNTHESIS_TASKS}, before)
        return count

    async def forget_files(self, caller: str, until: str) -> None:
        """Remove the files that a caller had uploaded until a moment, and what the caller had kept under names."""
        moment = datetime.fromisoformat(until)
        await asyncio.to_thread(Files(self.kept.objects).forget, caller, moment)
        await asyncio.to_thread(owned.forget, self.kept.objects, caller, moment)
        await asyncio.to_thread(Lexicons(self.kept.objects).forget, caller, moment)

    async def notify(self, job_id: str, url: str, secret: str) -> None:
        """Send the ended job to the webhook. Raises Unavailable while it has not ended, and what `deliver` raises."""
        found = await self.client.list_workflows_async(workflow_ids=[job_id], load_input=False)
        if not found:
            return  # forgotten meanwhile
        job = job_of(found[0], self.retention)
        if job.state not in ENDED:
            raise Unavailable("The job has not ended yet.")
        await self.deliver(url, secret, job.model_dump_json().encode())

    async def _state(self, job_id: str) -> State | None:
        found = await self.client.list_workflows_async(workflow_ids=[job_id], load_input=False, load_output=False)
        return STATES[found[0].status] if found else None


async def chores_of(client: DBOSClient, job_id: str, *names: str) -> list[str]:
    """Return the chores of a job that nobody is doing, of some names or all; some hold a secret of its caller."""
    found = await client.list_workflows_async(
        workflow_id_prefix=f"{job_id}-", name=list(names) or None, load_input=False, load_output=False
    )
    return [status.workflow_id for status in found if status.status != "PENDING"]
