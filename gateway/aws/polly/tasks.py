"""Speech as durable jobs, which put it into a bucket."""

import asyncio
import re
from typing import Any, Final

from gateway.aws.call import Call
from gateway.aws.faults import Fault
from gateway.aws.polly.orders import MARKS, Limits, Order, order_of
from gateway.aws.polly.voices import known_voices
from gateway.aws.presigned import presigned
from gateway.aws.writing import Members
from gateway.jobs.names import SYNTHESIS_TASKS
from gateway.jobs.schemas import Job, JobRequest, State
from gateway.jobs.speech_synthesis_input import JOB_ID, OUTPUT_NAME, SpeechSynthesisInput
from gateway.owned import Owned
from gateway.places import place_at
from shared.objects.keys import fault_of
from shared.problems import Forbidden, InvalidInput, NotFound
from shared.text.parse import parse_text

RESULTS: Final = "/polly/results"
"""Where speech is fetched that stays here."""
_KIND: Final = "speech-synthesis"
_LIMITS: Final = Limits(total=200_000, billed=100_000)
_OWN_BUCKET: Final = "timbre"
"""Speech for this bucket stays here, with the job."""
_PAGE: Final = 100
_STATUSES: Final[dict[State, str]] = {
    "queued": "scheduled",
    "running": "inProgress",
    "succeeded": "completed",
    "failed": "failed",
    "cancelled": "failed",
}
_STATES: Final = {status: state for state, status in reversed(_STATUSES.items())}
_TOLD: Final = ("LexiconNames", "OutputFormat", "SpeechMarkTypes", "TextType", "VoiceId", "LanguageCode")
_TASK_ID = re.compile("job_[0-9a-f]{24}")


async def start_speech_synthesis_task(call: Call) -> Members:
    """Take a text to be spoken into a bucket."""
    given = call.parameters
    if "SnsTopicArn" in given:
        detail = "Timbre tells no SNS topic; ask for the task, or post a job with a webhook to /v1/jobs."
        raise Fault("InvalidSnsTopicArnException", detail)
    order = order_of(given, await known_voices(call), _LIMITS)
    await asyncio.to_thread(call.state["lexicons"].all_of, call.caller, given.get("LexiconNames", []))
    await asyncio.to_thread(parse_text, given["Text"], given.get("TextType", "text"))
    output = _output(given, order)
    address = await asyncio.to_thread(_address, call, output) if output else None
    wanted = SpeechSynthesisInput.model_validate({"text": given["Text"], **order.body(), "output": output})
    request = JobRequest(kind=_KIND, input=wanted.model_dump(mode="json"))
    job, _ = await call.state["jobs"].submit(call.caller, request, None)
    told: Members = {
        **{name: given[name] for name in _TOLD if name in given},
        "Engine": order.engine,
        "SampleRate": str(order.sample_rate_hz),
        "TextType": given.get("TextType", "text"),
        "RequestCharacters": order.characters,
        "OutputUri": address and address.replace(JOB_ID, job.id),
    }
    await asyncio.to_thread(_kept(call).put, call.caller, job.id, told)
    return {"SynthesisTask": _task(call, job, told)}


async def get_speech_synthesis_task(call: Call) -> Members:
    """Tell how far a task is."""
    id = call.parameters["TaskId"]
    if not _TASK_ID.fullmatch(id):
        raise Fault("InvalidTaskIdException", "The TaskId is none of those that tasks here have.")
    try:
        told = await asyncio.to_thread(_kept(call).get, call.caller, id)
        return {"SynthesisTask": _task(call, await call.state["jobs"].find(call.caller, id), told)}
    except NotFound as problem:
        raise Fault("SynthesisTaskNotFoundException", "There is no task of that TaskId.") from problem


async def list_speech_synthesis_tasks(call: Call) -> Members:
    """List the caller's tasks, newest first."""
    given: dict[str, Any] = call.parameters
    status, size = given.get("Status"), given.get("MaxResults", _PAGE)
    state = _STATES[status] if status else None
    try:
        found = await call.state["jobs"].page(call.caller, state, _KIND, given.get("NextToken"), size)
    except InvalidInput as problem:
        raise Fault("InvalidNextTokenException", "NextToken is not one of ours.") from problem
    jobs = {job.id: job for job in found.jobs}
    told = await asyncio.to_thread(_kept(call).several, call.caller, jobs)
    return {"SynthesisTasks": [_task(call, jobs[id], one) for id, one in told], "NextToken": found.next}


def _kept(call: Call) -> Owned:
    return Owned(call.state["objects"], SYNTHESIS_TASKS)


def _task(call: Call, job: Job, told: Members) -> Members:
    return {
        **told,
        "OutputUri": told["OutputUri"] or _own_address(call, job, told),
        "TaskId": job.id,
        "TaskStatus": _STATUSES[job.state],
        "TaskStatusReason": str(job.error["detail"]) if job.error else None,
        "CreationTime": job.created,
    }


def _output(given: Members, order: Order) -> str | None:
    """Return where the speech is put, the job's id left open; None where it stays here. Raises Fault."""
    bucket, prefix = given["OutputS3BucketName"], given.get("OutputS3KeyPrefix", "")
    dot = "" if not prefix or prefix.endswith("/") else "."
    key = f"{prefix}{dot}{JOB_ID}.{order.format.extension}"
    if fault := fault_of(key):
        raise Fault("InvalidS3KeyException", fault)
    return None if bucket == _OWN_BUCKET else f"s3://{bucket}/{key}"


def _address(call: Call, output: str) -> str:
    """Return where the speech will be found, the job's id left open. Raises Fault."""
    try:
        place = place_at(output.replace(JOB_ID, OUTPUT_NAME), call.state["settings"], "output_locations")
    except (Forbidden, InvalidInput) as problem:
        detail = f"{problem.detail} The bucket {_OWN_BUCKET!r} is Timbre's own, which is always there."
        raise Fault("InvalidS3BucketException", detail) from problem
    return place.address.replace(OUTPUT_NAME, JOB_ID)


def _own_address(call: Call, job: Job, told: Members) -> str:
    """Return an address of ours that leads there for a while."""
    name = "marks" if told["OutputFormat"] == MARKS else "audio"
    return presigned(call, "polly", f"{RESULTS}/{job.id}/{name}")
