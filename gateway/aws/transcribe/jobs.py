"""The operations on transcription jobs."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from gateway.aws.call import Call
from gateway.aws.faults import Fault
from gateway.aws.presigned import presigned
from gateway.aws.transcribe.listing import page_of
from gateway.aws.transcribe.orders import order_of
from gateway.aws.transcribe.records import Record, Records
from gateway.aws.transcribe.views import status_of, summary_of, view_of
from gateway.jobs.results import Made
from gateway.jobs.schemas import Job
from shared.problems import AlreadyExists, Problem

_UNKNOWN = "The requested job couldn't be found. Check the job name and try your request again."
_IN_USE = "The requested job name already exists in your account. Rename your job and try your request again."

_LATEST = 1e10
"""Seconds since 1970, behind every job."""
Followed = tuple[Record, Job | None, list[Made]]


async def start(call: Call) -> dict[str, Any]:
    """Take a job under a name that is free."""
    order = await order_of(call)
    record = await _named(call)
    try:
        job, _ = await call.state["jobs"].submit(call.caller, order, record.key)
    except Problem:
        await asyncio.to_thread(_records(call).delete, call.caller, record.name)
        raise
    return {"TranscriptionJob": view_of(record, job, [], partial(_link, call, job.id))}


async def get(call: Call) -> dict[str, Any]:
    """Tell of a job, and, when it has ended, where its results can be fetched."""
    followed = await _find(call)
    if followed is None:
        raise Fault("NotFoundException", _UNKNOWN)
    return {"TranscriptionJob": view_of(*followed, partial(_link, call, followed[0].job_id(call.caller)))}


async def list_all(call: Call) -> dict[str, Any]:
    """List the caller's, newest first."""
    status = call.parameters.get("Status")
    places = await asyncio.to_thread(_places, call)
    names = list(places)
    if status:
        names = [record.name for record, job, _ in await _followed(call, names) if status_of(job) == status]
    shown, token = page_of(call, names, places.__getitem__)
    summaries = [summary_of(*one) for one in await _followed(call, shown)]
    return {"Status": status, "NextToken": token, "TranscriptionJobSummaries": summaries}


async def delete(call: Call) -> dict[str, Any]:
    """Stop a job, and forget it and its results; its name is free at once."""
    followed = await _find(call)
    if followed is None:
        raise Fault("BadRequestException", _UNKNOWN)
    record, job, _ = followed
    await asyncio.to_thread(_records(call).delete, call.caller, record.name)
    if job:
        await call.state["jobs"].forget_one(call.caller, job.id)
    return {}


async def _named(call: Call) -> Record:
    """Take the name of a new job. Raises Fault where it is in use."""
    name, records = call.parameters["TranscriptionJobName"], _records(call)
    try:
        return await asyncio.to_thread(records.add, call.caller, name, call.parameters)
    except AlreadyExists as error:
        if await _find(call):
            raise Fault("ConflictException", _IN_USE) from error
    await asyncio.to_thread(records.delete, call.caller, name)  # it was of a start that failed
    return await asyncio.to_thread(records.add, call.caller, name, call.parameters)


async def _find(call: Call) -> Followed | None:
    found = await _followed(call, [call.parameters["TranscriptionJobName"]])
    return found[0] if found else None


async def _followed(call: Call, names: Sequence[str]) -> list[Followed]:
    """Return the jobs of these names, in this order, as they are now; what has no job, and gets none, is left out."""
    records = await asyncio.to_thread(lambda: list(_records(call).several(call.caller, names)))
    jobs = await call.state["jobs"].several(call.caller, [record.job_id(call.caller) for record in records])
    followed = [(record, *jobs.get(record.job_id(call.caller), (None, []))) for record in records]
    return [(record, job, made) for record, job, made in followed if job or record.is_starting]


def _places(call: Call) -> dict[str, str]:
    """Return the names that are wanted, the newest first, each with what puts it there."""
    part = call.parameters.get("JobNameContains", "")
    given = _records(call).names(call.caller)
    places = {name: f"{_LATEST - moment.timestamp():017.6f} {name}" for name, moment in given.items() if part in name}
    return dict(sorted(places.items(), key=lambda one: one[1]))


def _link(call: Call, job_id: str, made: Made) -> str:
    """Return where a result lies: in the caller's bucket, or here, where its address needs no key."""
    path = f"/transcribe/results/{job_id}/{made['name']}"
    return made.get("address") or presigned(call, "transcribe", path)


def _records(call: Call) -> Records:
    return Records(call.state["objects"])
