"""Waiting for the end of jobs, and of shares: however many wait, the database is asked once for all."""

import asyncio
import time
from collections import defaultdict
from contextlib import AbstractAsyncContextManager

import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.schemas import ENDED
from gateway.jobs.views import STATES
from shared.background import during

_SHARE = 10
"""Looking after many jobs takes its time: it may take one part in so many of all."""


class Endings:
    """Those who wait, by job."""

    def __init__(self, client: DBOSClient, pause_seconds: float = 0.05) -> None:
        self._client = client
        self._pause_seconds = pause_seconds
        self._waiting: defaultdict[str, set[asyncio.Future[None]]] = defaultdict(set)
        self._asked = asyncio.Event()

    async def of(self, job_id: str) -> None:
        """Return when the job has ended, or is no more. Raises what the database raises."""
        end = asyncio.get_running_loop().create_future()
        self._waiting[job_id].add(end)
        self._asked.set()
        try:
            await end
        finally:
            self._leave(job_id, end)

    def _leave(self, job_id: str, end: "asyncio.Future[None]") -> None:
        self._waiting[job_id].discard(end)
        if not self._waiting[job_id]:
            del self._waiting[job_id]
        if not self._waiting:
            self._asked.clear()

    def running(self) -> AbstractAsyncContextManager[None]:
        """Look after the jobs during the block."""
        return during(self._run())

    async def _run(self) -> None:
        while True:
            await self._asked.wait()
            began = time.monotonic()
            await self._look(list(self._waiting))
            await asyncio.sleep(max(self._pause_seconds, _SHARE * (time.monotonic() - began)))

    async def _look(self, ids: list[str]) -> None:
        failure: sa.exc.SQLAlchemyError | None = None
        over = set(ids)
        try:
            over -= await self._unended(ids)
        except sa.exc.SQLAlchemyError as error:
            failure = error
        for end in [end for job_id in over for end in self._waiting.get(job_id, ()) if not end.done()]:
            end.set_exception(failure) if failure else end.set_result(None)

    async def _unended(self, ids: list[str]) -> set[str]:
        found = await self._client.list_workflows_async(workflow_ids=ids, load_input=False, load_output=False)
        return {status.workflow_id for status in found if STATES[status.status] not in ENDED}
