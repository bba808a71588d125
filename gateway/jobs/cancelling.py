"""Stopping a job for good."""

from dbos import DBOSClient

from gateway.jobs.names import CANCELLED, SHARE
from gateway.jobs.views import UNENDED


async def stop(client: DBOSClient, job_id: str) -> None:
    """Cancel a job that has not ended, and its shares."""
    await _stop(client, job_id)
    await stop_shares(client, job_id)


async def stop_shares(client: DBOSClient, job_id: str) -> None:
    """Cancel what several workers do, or are to do, of a job."""
    found = await client.list_workflows_async(
        workflow_id_prefix=f"{job_id}-{SHARE}-", name=SHARE, status=UNENDED, load_input=False, load_output=False
    )
    for share in found:
        await _stop(client, share.workflow_id)


async def _stop(client: DBOSClient, workflow_id: str) -> None:
    """Cancel it, and note that, as whoever takes it over from a dead worker must know."""
    await client.update_workflow_attributes_async(workflow_id, {CANCELLED: True}, merge=True)
    await client.cancel_workflow_async(workflow_id)
