"""Batch speech-to-text by the clock: by the timetable of the durable jobs, or as the Lambda `jobs.schedule:handler`."""

import asyncio
from hashlib import sha256
from typing import Any

from jobs.schedule_settings import ScheduleSettings
from jobs.transcribe.bucket import Bucket, open_bucket
from jobs.transcribe.plan import planned, write_plan
from jobs.transcribe.waiting import with_reasons
from jobs.transcribing import transcribed
from shared import aws
from shared.problems import Json

_ENDED = ("SUCCEEDED", "FAILED")


def handler(event: Json, context: object) -> dict[str, Json]:
    """Start what there is to do, as Lambda calls it; a cron rule's event says nothing of interest."""
    return asyncio.run(start(ScheduleSettings()))  # type: ignore[call-arg]  # pydantic reads the environment


async def start(settings: ScheduleSettings) -> dict[str, Json]:
    """Have what waits in the bucket written down; return what was started, nothing where nothing waits.

    Where an earlier job of AWS Batch is at work on the same bucket, that is all that is returned.
    With AWS Batch this returns when the job is submitted, else when everything is done. Raises InvalidInput for a
    folder that does not exist, what the store raises, and what `transcribed` does.
    """
    bucket = open_bucket(settings.batch_url)
    if not await asyncio.to_thread(bucket.has_inputs):
        return {}
    if settings.batch_queue:
        return await asyncio.to_thread(_submit, settings, bucket)
    return await transcribed({"url": settings.batch_url})


def _submit(settings: ScheduleSettings, bucket: Bucket) -> dict[str, Json]:
    client, name = aws.session().client("batch", config=aws.config()), _job_name(settings.batch_url)
    with aws.reported("batch queue"):
        if running := _running(client, settings.batch_queue, name):
            return {"still running": running}
    waiting = with_reasons(bucket)
    if not waiting.recordings:
        return {"refused names": len(waiting.refused)}
    shares = planned(bucket, waiting.recordings, settings.batch_children)
    write_plan(bucket, shares)
    array = {"arrayProperties": {"size": len(shares)}} if len(shares) > 1 else {}  # AWS Batch knows no array of one
    with aws.reported("batch queue"):
        job = client.submit_job(
            jobName=name,
            jobQueue=settings.batch_queue,
            jobDefinition=settings.batch_definition,
            containerOverrides={"command": ["python", "-m", "jobs.transcribe", "run", settings.batch_url]},
            **array,
        )
    return {"job": str(job["jobId"]), "children": len(shares)}


def _job_name(url: str) -> str:
    """Return the name of all jobs of one bucket; the bucket's own may hold more than a job's name may."""
    return f"timbre-batch-{sha256(url.encode()).hexdigest()[:12]}"


def _running(client: Any, queue: str, name: str) -> str:
    """Return a job of that name that has not ended, if there is one."""
    pages = client.get_paginator("list_jobs").paginate(jobQueue=queue, filters=[{"name": "JOB_NAME", "values": [name]}])
    jobs = (job for page in pages for job in page["jobSummaryList"])
    return next((str(job["jobId"]) for job in jobs if job["status"] not in _ENDED), "")
