"""The jobs of all callers, as the job engine keeps them. Each call sees one caller's jobs only."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from dbos import DBOSClient, WorkflowStatus

from gateway.jobs.admission import Admission
from gateway.jobs.cancelling import stop
from gateway.jobs.chores import chores_of
from gateway.jobs.endings import Endings
from gateway.jobs.kinds import KINDS, queue_of
from gateway.jobs.names import CLEAR, FORGET, FORGET_FILES, NOTIFY, SHARE, TAKEN_OVER
from gateway.jobs.orders import Order, chore
from gateway.jobs.pages import read_page
from gateway.jobs.results import Made
from gateway.jobs.room import Room
from gateway.jobs.schemas import ENDED, Job, JobPage, JobRequest, State
from gateway.jobs.submission import Submission, Submitter
from gateway.jobs.views import STATES, job_of, with_progress
from shared.problems import Conflict, NotFound

_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS, _PAUSE_GROWTH = 0.05, 1.0, 1.2


class JobBook:
    """Takes, finds, lists and cancels jobs."""

    def __init__(
        self,
        client: DBOSClient,
        submitter: Submitter,
        endings: Endings,
        room: Room,
        admission: Admission,
        retention: timedelta,
    ) -> None:
        self._client = client
        self._submitter = submitter
        self._endings = endings
        self._room = room
        self._admission = admission
        self._retention = retention

    async def submit(self, caller: str, request: JobRequest, idempotency_key: str | None) -> tuple[Job, bool]:
        """Take a job; True beside it if the same request was taken before, whose job it then is.

        The job is as it was when taken, however far it is by now, so that a repeated request has the same answer.
        Raises Busy when too many wait, Conflict where the key was used for another request, Unavailable, and what
        the admission raises.
        """
        order = Order.of(caller, request, idempotency_key)
        known = await self._status(order.job_id) if idempotency_key is not None else None
        taken = known or await self._taken(caller, request, order.submission)
        if (taken.attributes or {}).get("fingerprint") != order.fingerprint:
            raise Conflict("This Idempotency-Key was used for another request.", param="Idempotency-Key")
        return _as_taken(job_of(taken, self._retention)), known is not None

    async def _taken(self, caller: str, request: JobRequest, submission: Submission) -> WorkflowStatus:
        await self._admission.require(caller, request)
        await self._room.require(caller)
        return await self._submitter.submit(submission)

    async def find(self, caller: str, job_id: str) -> Job:
        """Return a job with step and progress. Raises NotFound, also for another caller's job."""
        job = job_of(await self._own(caller, job_id), self._retention)
        steps = [] if job.state == "succeeded" else await self._client.list_workflow_steps_async(job_id)
        return with_progress(job, steps)

    async def orders(self, caller: str, kind: str, job_id: str | None = None) -> list[tuple[Job, dict[str, Any]]]:
        """Return the caller's jobs of a kind, or only the one of that id if there is one, each with its input."""
        ids = None if job_id is None else [job_id]
        found = await self._client.list_workflows_async(workflow_ids=ids, user=caller, name=kind)
        return [(job_of(status, self._retention), _input_of(status)) for status in found]

    async def several(self, caller: str, job_ids: Sequence[str]) -> dict[str, tuple[Job, list[Made]]]:
        """Return those of the caller's jobs that there are, by id, each with what it made."""
        if not job_ids:  # which would mean all
            return {}
        found = await self._client.list_workflows_async(workflow_ids=list(job_ids), user=caller, load_input=False)
        return {status.workflow_id: (job_of(status, self._retention), _made(status)) for status in found}

    async def watch(self, caller: str, job_id: str) -> AsyncGenerator[Job, None]:
        """Yield the job now, and again whenever it has changed, until it has ended. Raises NotFound."""
        last: Job | None = None
        for pause_seconds in _pauses():
            now = await self.find(caller, job_id)
            if now != last:
                yield now
            if now.state in ENDED:
                return
            last = now
            await asyncio.sleep(pause_seconds)

    async def ended(self, caller: str, job_id: str, wait_seconds: float) -> Job:
        """Return the job as soon as it has ended, or as it is after so many seconds. Raises NotFound."""
        if wait_seconds:
            await self._own(caller, job_id)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_seconds):
                    await self._endings.of(job_id)
        return await self.find(caller, job_id)

    async def made(self, caller: str, job_id: str, name: str) -> Made:
        """Return where one result lies. Raises NotFound, also while the job has not succeeded."""
        status = await self._own(caller, job_id)
        found = next((made for made in _made(status) if made["name"] == name), None)
        if found is None:
            raise NotFound("The job has no result of that name, or has not succeeded.")
        return found

    async def page(self, caller: str, state: State | None, kind: str | None, after: str | None, limit: int) -> JobPage:
        """Return `limit` of the caller's jobs, newest first; `after` is the last page's `next`. Raises InvalidInput."""
        states = [theirs for theirs, ours in STATES.items() if ours == state] if state else None

        async def fetch(since: str | None, until: str | None, most: int | None) -> list[WorkflowStatus]:
            return await self._client.list_workflows_async(
                user=caller,
                name=kind or list(KINDS),
                status=states,
                start_time=since,
                end_time=until,
                sort_desc=True,
                load_input=False,
                limit=most,
            )

        found, following = await read_page(fetch, after, limit)
        return JobPage(jobs=[job_of(status, self._retention) for status in found], next=following)

    async def cancel(self, caller: str, job_id: str) -> Job:
        """Stop a job that has not ended; an ended one stays as it is. Raises NotFound."""
        status = await self._own(caller, job_id)
        if STATES[status.status] not in ENDED:
            webhook = (status.attributes or {}).get("webhook")
            await self._submitter.submit(chore(CLEAR, job_id, job_id, webhook))  # from here on it will be stopped
            await stop(self._client, job_id)
            status = await self._own(caller, job_id)  # it may have ended just before
        return job_of(status, self._retention)

    async def retry(self, caller: str, job_id: str) -> Job:
        """Take a failed job up again, at the step that failed. Raises NotFound, Conflict for any other job."""
        status = await self._own(caller, job_id)
        if STATES[status.status] != "failed":
            raise Conflict("Only a job that has failed can be taken up again.")
        steps = await self._client.list_workflow_steps_async(job_id)
        failed = next((step["function_id"] for step in steps if step["error"]), len(steps) + 1)
        done_anew = await chores_of(self._client, job_id, CLEAR, NOTIFY, SHARE)  # its next end is to be told too
        await self._client.delete_workflows_async(done_anew)
        await self._client.update_workflow_attributes_async(job_id, {TAKEN_OVER: 0}, merge=True)
        await self._client.rewind_workflow_async(job_id, start_step=failed, queue_name=queue_of(status.name))
        return await self.find(caller, job_id)

    async def forget(self, caller: str) -> int:
        """Stop and delete all jobs of the caller, all that they stored, and all files, soon; return how many jobs."""
        now = datetime.now(UTC).isoformat()
        await self._submitter.submit(chore(FORGET_FILES, f"{caller}-{now}", caller, now))
        # All before the first: workers delete lines meanwhile, and the pages behind them would move.
        found = await self._client.list_workflows_async(
            user=caller, name=list(KINDS), load_input=False, load_output=False
        )
        for status in found:
            await self._forget(status)
        return len(found)

    async def forget_one(self, caller: str, job_id: str) -> None:
        """Stop and delete one job, and all that it stored, soon. Raises NotFound."""
        await self._forget(await self._own(caller, job_id))

    async def _forget(self, status: WorkflowStatus) -> None:
        if STATES[status.status] not in ENDED:
            await stop(self._client, status.workflow_id)
        this = f"{status.workflow_id}-{status.created_at}"  # a key used anew makes a job of the same id
        await self._submitter.submit(chore(FORGET, this, status.workflow_id))

    async def _own(self, caller: str, job_id: str) -> WorkflowStatus:
        status = await self._status(job_id)
        if status is None or status.authenticated_user != caller or status.name not in KINDS:
            raise NotFound("There is no job of that id.")
        return status

    async def _status(self, job_id: str) -> WorkflowStatus | None:
        found = await self._client.list_workflows_async(workflow_ids=[job_id], load_input=False)
        return found[0] if found else None


def _made(status: WorkflowStatus) -> list[Made]:
    return status.output or [] if STATES[status.status] == "succeeded" else []


def _pauses() -> Iterator[float]:
    """Yield the pauses between two looks at a job, longer and longer: who has waited long can wait a little more."""
    pause_seconds = _FIRST_PAUSE_SECONDS
    while True:
        yield pause_seconds
        pause_seconds = min(pause_seconds * _PAUSE_GROWTH, _LONGEST_PAUSE_SECONDS)


def _input_of(status: WorkflowStatus) -> dict[str, Any]:
    given: dict[str, Any] = status.input["args"][0]["input"] if status.input else {}
    return given


def _as_taken(job: Job) -> Job:
    return Job(id=job.id, kind=job.kind, state="queued", created=job.created)
