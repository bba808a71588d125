"""Shares of a job that are waited for."""

import asyncio

import pytest
from dbos import DBOSClient

from gateway.jobs.endings import Endings
from gateway.jobs.running import Running
from gateway.jobs.serialise import JobFailed
from gateway.jobs.shares import Shares

pytestmark = pytest.mark.anyio


async def test_one_that_is_deleted_was_stopped(client: DBOSClient) -> None:
    endings = Endings(client)
    async with endings.running(), asyncio.timeout(60):
        share = asyncio.create_task(Shares(client, endings).done(Running("job_1", "caller"), {"child": 0}))
        while not await client.list_workflows_async(workflow_ids=["job_1-share-0"]):
            await asyncio.sleep(0.01)
        await client.delete_workflow_async("job_1-share-0")
        with pytest.raises(JobFailed) as failed:
            await share
    assert failed.value.body["detail"] == "This share of the job was stopped."
