"""Jobs written to the database in groups: all that wait while one commit reaches the disk share the next."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import DBOSClient, EnqueueOptions
from dbos import error as dbos_error

from shared.background import during
from shared.problems import Json, Unavailable

_MOST_AT_ONCE = 256
Waiting = tuple["Submission", "asyncio.Future[None]"]


@dataclass(frozen=True, slots=True)
class Submission:
    """One workflow to be enqueued; one that has the same id already is left as it is."""

    options: EnqueueOptions
    arguments: Sequence[Json]


class Submitter:
    """Enqueues submissions; returns when they are on the disk."""

    def __init__(self, client: DBOSClient, engine: sa.Engine) -> None:
        self._client = client
        self._engine = engine
        self._waiting: asyncio.Queue[Waiting] = asyncio.Queue()

    async def submit(self, submission: Submission) -> None:
        """Raise Unavailable if the database does not take it."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((submission, written))
        await written

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
        failure: Exception | None = None
        try:
            await asyncio.to_thread(self._write, [submission for submission, _ in group])
        except (sa.exc.SQLAlchemyError, dbos_error.DBOSException, OSError) as error:
            failure = Unavailable("The database of jobs takes none just now.")
            failure.__cause__ = error
        for _, written in group:
            if written.cancelled():  # its caller left; the job stands all the same
                continue
            written.set_exception(failure) if failure else written.set_result(None)

    def _write(self, group: list[Submission]) -> None:
        with self._engine.begin() as connection:
            for submission in group:
                with suppress(dbos_error.DBOSConflictingWorkflowError):  # the same id, for another kind of job
                    self._client.enqueue_in_transaction(connection, submission.options, *submission.arguments)
