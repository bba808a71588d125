"""Batch speech-to-text by the clock: by the timetable of the durable jobs, or as the Lambda `jobs.schedule:handler`."""

import asyncio

from jobs.schedule_settings import ScheduleSettings
from jobs.transcribe.bucket import Bucket
from jobs.transcribe.plan import planned, write_plan
from jobs.transcribing import transcribed
from shared import aws
from shared.objects import open_objects
from shared.problems import Json

_NAME = "timbre-batch"


def handler(event: Json, context: object) -> dict[str, Json]:
    """Start what there is to do, as Lambda calls it; a cron rule's event says nothing of interest."""
    return asyncio.run(start(ScheduleSettings()))  # type: ignore[call-arg]  # pydantic reads the environment


async def start(settings: ScheduleSettings) -> dict[str, Json]:
    """Have what waits in the bucket written down; return what was started, nothing where nothing waits.

    With AWS Batch this returns when the job is submitted, else when everything is done. Raises what
    the store raises, and `transcribed`.
    """
    bucket = Bucket(open_objects(settings.batch_url))
    if not await asyncio.to_thread(bucket.has_inputs):
        return {}
    if settings.batch_queue:
        return await asyncio.to_thread(_submit, settings, bucket)
    return await transcribed({"url": settings.batch_url})


def _submit(settings: ScheduleSettings, bucket: Bucket) -> dict[str, Json]:
    shares = planned(bucket, settings.batch_children)
    write_plan(bucket, shares)
    array = {"arrayProperties": {"size": len(shares)}} if len(shares) > 1 else {}  # AWS Batch knows no array of one
    with aws.reported("batch queue"):
        job = (
            aws.session()
            .client("batch", config=aws.config())
            .submit_job(
                jobName=_NAME,
                jobQueue=settings.batch_queue,
                jobDefinition=settings.batch_definition,
                containerOverrides={"command": ["python", "-m", "jobs.transcribe", "run", settings.batch_url]},
                **array,
            )
        )
    return {"job": str(job["jobId"]), "children": len(shares)}
