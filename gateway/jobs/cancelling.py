"""Stopping a job for good."""

from dbos import DBOSClient

from gateway.jobs.names import CANCELLED


async def stop(client: DBOSClient, job_id: str) -> None:
    """Cancel a job that has not ended, and note it, as whoever takes it over from a dead worker must know."""
    await client.update_workflow_attributes_async(job_id, {CANCELLED: True}, merge=True)
    await client.cancel_workflow_async(job_id)
