"""Shares of a job: whichever worker is free does one, and another does it again where that one dies."""

import sqlalchemy as sa
from dbos import DBOSClient

from gateway.jobs.database import problem_of
from gateway.jobs.endings import Endings
from gateway.jobs.enqueuing import share_options
from gateway.jobs.names import SHARE
from gateway.jobs.running import Result, Running
from gateway.jobs.serialise import JobFailed, problem_body
from gateway.jobs.views import STATES
from shared.problems import Conflict


class Shares:
    """Has shares done by workers that listen to their queue."""

    def __init__(self, client: DBOSClient, endings: Endings) -> None:
        self._client = client
        self._endings = endings

    async def done(self, job: Running, order: Result) -> Result:
        """Hand a share out, once for the number that is `child` in its order; return what it gave when it has ended.

        Raises JobFailed, and Unavailable or StorageFull, which may pass, where the database of the jobs fails.
        """
        try:
            return await self._done(f"{job.id}-{SHARE}-{order['child']}", order)
        except sa.exc.SQLAlchemyError as error:
            raise problem_of(error) from error

    async def _done(self, share_id: str, order: Result) -> Result:
        await self._client.enqueue_async(share_options(share_id), order)
        await self._endings.of(share_id)
        found = await self._client.list_workflows_async(workflow_ids=[share_id], load_input=False)
        share = next(iter(found), None)  # whoever forgets the job deletes its shares
        if share and STATES[share.status] == "succeeded":
            return dict(share.output or {})
        error = share.error if share else None
        raise JobFailed(problem_body(error or Conflict("This share of the job was stopped.")))


def job_of_share(share_id: str) -> str:
    """Return the id of the job."""
    return share_id.rpartition(f"-{SHARE}-")[0]
