"""Batch speech-to-text by the clock: by the timetable of the durable jobs, or as the Lambda `jobs.schedule:handler`."""

import asyncio
import sys
from contextlib import suppress

from jobs.schedule_settings import ScheduleSettings
from jobs.transcribe.bucket import Bucket
from jobs.transcribe.plan import planned, write_plan
from jobs.transcribe.statuses import DONE, SOME_LEFT
from jobs.transcribe.waiting import with_reasons
from shared import aws
from shared.objects import open_objects
from shared.problems import Json, Unavailable

_NAME = "timbre-batch"


def handler(event: Json, context: object) -> dict[str, Json]:
    """Start what there is to do, as Lambda calls it; a cron rule's event says nothing of interest."""
    return asyncio.run(start(ScheduleSettings()))  # type: ignore[call-arg]  # pydantic reads the environment


async def start(settings: ScheduleSettings) -> dict[str, Json]:
    """Have what waits in the bucket written down; return what was started, nothing where nothing waits.

    With AWS Batch this returns when the job is submitted, else when everything is done. Raises Unavailable, and what
    the store raises.
    """
    bucket = Bucket(open_objects(settings.batch_url))
    if not await asyncio.to_thread(bucket.has_inputs):
        return {}
    if settings.batch_queue:
        return await asyncio.to_thread(_submit, settings, bucket)
    return {"status": await _run(settings.batch_url)}


def _submit(settings: ScheduleSettings, bucket: Bucket) -> dict[str, Json]:
    waiting = with_reasons(bucket)
    if not waiting.recordings:
        return {"refused names": len(waiting.refused)}
    shares = planned(bucket, waiting.recordings, settings.batch_children)
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
                containerOverrides={"command": _command("python", settings.batch_url)},
                **array,
            )
        )
    return {"job": str(job["jobId"]), "children": len(shares)}


async def _run(url: str) -> int:
    process = await asyncio.create_subprocess_exec(*_command(sys.executable, url), stdin=asyncio.subprocess.DEVNULL)
    try:
        status = await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.terminate()
        raise
    if status not in (DONE, SOME_LEFT):
        raise Unavailable("Batch speech-to-text cannot run here; the log says why.")
    return status


def _command(python: str, url: str) -> list[str]:
    return [python, "-m", "jobs.transcribe", "run", url]
