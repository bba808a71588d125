"""Jobs written to the database in groups: all that wait while one commit reaches the disk share the next."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions, WorkflowStatus
from dbos import error as dbos_error

from gateway.jobs.database import problem_of
from shared.background import during
from shared.problems import Json, Unavailable

_MOST_AT_ONCE = 256
Waiting = tuple["Submission", "asyncio.Future[WorkflowStatus]"]


@dataclass(frozen=True, slots=True)
class Submission:
    """One workflow to be enqueued; one that has the same id already is left as it is."""

    options: EnqueueOptions
    arguments: Sequence[Json]


class Submitter:
    """Enqueues submissions, and returns what the database holds of each when it is on the disk."""

    def __init__(self, client: DBOSClient, engine: sa.Engine) -> None:
        self._client = client
        self._engine = engine
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue()

    async def submit(self, submission: Submission) -> WorkflowStatus:
        """Return what is there under this id now. Raises Unavailable, StorageFull if it is not taken."""
        written: asyncio.Future[WorkflowStatus] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((submission, written))
        return await written

    def running(self) -> AbstractAsyncContextManager[None]:
        """Write what is submitted during the block."""
        return during(self._run())

    async def _run(self) -> None:
        while True:
            group = [await self._waiting.get()]
            while not self._waiting.empty() and len(group) < _MOST_AT_ONCE:
                group.append(self._waiting.get_nowait())
            await self._written(group)

    async def _written(self, group: list[Waiting]) -> None:
        failure: Exception = Unavailable("The database of jobs lost what it had taken.")
        there: dict[str, WorkflowStatus] = {}
        try:
            there = await asyncio.to_thread(self._write, [submission for submission, _ in group])
        except (sa.exc.SQLAlchemyError, dbos_error.DBOSException, OSError) as error:
            failure = problem_of(error)
            failure.__cause__ = error
        for submission, written in group:
            if written.cancelled():  # its caller left; the job stands all the same
                continue
            status = there.get(submission.options["workflow_id"])
            written.set_result(status) if status else written.set_exception(failure)

    def _write(self, group: list[Submission]) -> dict[str, WorkflowStatus]:
        with self._engine.begin() as connection:
            for submission in group:
                with suppress(dbos_error.DBOSConflictingWorkflowError):  # the same id, for another kind of job
                    self._client.enqueue_in_transaction(connection, submission.options, *submission.arguments)
        ids = [submission.options["workflow_id"] for submission in group]
        found = self._client.list_workflows(workflow_ids=ids, load_input=False, load_output=False)
        return {status.workflow_id: status for status in found}
