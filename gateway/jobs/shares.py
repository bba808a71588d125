"""Shares of a job: whichever worker is free does one, and another does it again where that one dies."""

import asyncio

from dbos import DBOSClient

from gateway.jobs.enqueuing import share_options
from gateway.jobs.names import SHARE
from gateway.jobs.running import Result, Running
from gateway.jobs.schemas import ENDED
from gateway.jobs.serialise import JobFailed, problem_body
from gateway.jobs.views import STATES
from shared.problems import Conflict

_PAUSE_SECONDS = 0.5


class Shares:
    """Has shares done by workers that listen to their queue."""

    def __init__(self, client: DBOSClient) -> None:
        self._client = client

    async def done(self, job: Running, order: Result) -> Result:
        """Hand a share out, once for the number that is `child` in its order; return what it gave when it has ended.

        Raises JobFailed.
        """
        share_id = f"{job.id}-{SHARE}-{order['child']}"
        await self._client.enqueue_async(share_options(share_id), order)
        while True:
            (share,) = await self._client.list_workflows_async(workflow_ids=[share_id], load_input=False)
            state = STATES[share.status]
            if state == "succeeded":
                return dict(share.output or {})
            if state in ENDED:
                stopped = Conflict("This share of the job was stopped.")
                raise JobFailed(problem_body(share.error or stopped))
            await asyncio.sleep(_PAUSE_SECONDS)


def job_of_share(share_id: str) -> str:
    """Return the id of the job."""
    return share_id.rpartition(f"-{SHARE}-")[0]
