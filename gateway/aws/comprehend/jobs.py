"""Start-, Describe-, List- and StopSentimentDetectionJob: jobs of kind `sentiment-detection`."""

import re
from collections.abc import Callable
from typing import Any, Literal

from gateway.aws.call import ACCOUNT, Call
from gateway.aws.comprehend.texts import require_english
from gateway.aws.faults import Fault
from gateway.aws.paging import page
from gateway.aws.writing import Members
from gateway.jobs.schemas import Job, JobRequest, State
from gateway.jobs.sentiment_detection_input import SentimentDetectionInput, result_of
from shared.problems import Busy

_KIND = "sentiment-detection"
_ASKED = "comprehend"
"""Member of a job's input: what was asked for, as it is told again. The work itself needs none of it."""
_DOCUMENTS: dict[str, Literal["line", "file"]] = {"ONE_DOC_PER_LINE": "line", "ONE_DOC_PER_FILE": "file"}
_TOLD_AGAIN = ("JobName", "LanguageCode", "DataAccessRoleArn", "InputDataConfig", "VpcConfig")
_PAGE = 100
_LAST_MILLISECOND = 10**14 - 1
_STATUSES: dict[State, str] = {
    "queued": "SUBMITTED",
    "running": "IN_PROGRESS",
    "succeeded": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "STOPPED",
}
_ID = re.compile("[0-9a-f]{24}")
_PREFIX = "job_"
"""Of our ids; Comprehend's have no underscore."""

Taken = tuple[Job, dict[str, Any]]


async def start_sentiment_detection_job(call: Call) -> Members:
    """Take a job, once for its ClientRequestToken. Raises Fault, and what the book of jobs raises."""
    asked = call.parameters
    require_english(asked, "InvalidRequestException")
    if "VolumeKmsKeyId" in asked or "KmsKeyId" in asked["OutputDataConfig"]:
        raise Fault("KmsKeyValidationException", "Timbre encrypts with no keys of KMS; leave KmsKeyId out.")
    order = SentimentDetectionInput(
        url=asked["InputDataConfig"]["S3Uri"],
        output=f"{asked['OutputDataConfig']['S3Uri'].rstrip('/')}/{ACCOUNT}-SENTIMENT",
        document=_DOCUMENTS[asked["InputDataConfig"].get("InputFormat", "ONE_DOC_PER_LINE")],
    )
    token = asked.get("ClientRequestToken")
    request = JobRequest(kind=_KIND, input={**order.model_dump(mode="json"), _ASKED: asked})
    try:
        job, _ = await call.state["jobs"].submit(call.caller, request, token and f"{_ASKED}-{token}")
    except Busy as busy:
        raise Fault("TooManyRequestsException", busy.detail) from busy
    return _named(call, job)


async def describe_sentiment_detection_job(call: Call) -> Members:
    """Tell of one job. Raises Fault."""
    return {"SentimentDetectionJobProperties": _properties(call, await _taken(call))}


async def list_sentiment_detection_jobs(call: Call) -> Members:
    """List the jobs that the filter lets through, the newest first unless it asks for those before a time.

    Raises Fault, InvalidToken.
    """
    chosen = call.parameters.get("Filter", {})
    if len(chosen) > 1:
        raise Fault("InvalidFilterException", "A filter has one member only.")
    key = _oldest_first if "SubmitTimeBefore" in chosen else _newest_first
    jobs = [one for one in await call.state["jobs"].orders(call.caller, _KIND) if _ASKED in one[1]]
    found = sorted((one for one in jobs if _is_chosen(*one, chosen)), key=key)
    size = call.parameters.get("MaxResults", _PAGE)
    shown, following = page(found, key, call.parameters.get("NextToken"), size)
    return {"SentimentDetectionJobPropertiesList": [_properties(call, one) for one in shown], "NextToken": following}


async def stop_sentiment_detection_job(call: Call) -> Members:
    """Stop a job that has not ended. Raises Fault."""
    job, _ = await _taken(call)
    if job.state in ("succeeded", "failed"):
        raise Fault("InvalidRequestException", f"The job has ended: it is {_STATUSES[job.state]}.")
    stopped = await call.state["jobs"].cancel(call.caller, job.id)
    is_new = job.state != "cancelled" and stopped.state == "cancelled"
    return {"JobId": _id(job), "JobStatus": "STOP_REQUESTED" if is_new else _STATUSES[stopped.state]}


async def _taken(call: Call) -> Taken:
    job_id = call.parameters["JobId"]
    found = await call.state["jobs"].orders(call.caller, _KIND, _PREFIX + job_id) if _ID.fullmatch(job_id) else []
    if not found or _ASKED not in found[0][1]:
        raise Fault("JobNotFoundException", "There is no job of that id.")
    return found[0]


def _named(call: Call, job: Job) -> Members:
    arn = call.arn("comprehend", f"sentiment-detection-job/{_id(job)}")
    return {"JobId": _id(job), "JobArn": arn, "JobStatus": _STATUSES[job.state]}


def _properties(call: Call, taken: Taken) -> Members:
    job, order = taken
    return {
        **_named(call, job),
        **{name: order[_ASKED].get(name) for name in _TOLD_AGAIN},
        "Message": job.error and str(job.error.get("detail", "")),
        "SubmitTime": job.created,
        "EndTime": job.ended,
        "OutputDataConfig": {"S3Uri": result_of(order["output"], job.id)},
    }


def _is_chosen(job: Job, order: dict[str, Any], chosen: dict[str, Any]) -> bool:
    checks: dict[str, Callable[[Any], bool]] = {
        "JobName": lambda name: order[_ASKED].get("JobName") == name,
        "JobStatus": lambda status: _STATUSES[job.state] == status,
        "SubmitTimeBefore": lambda moment: job.created < moment,
        "SubmitTimeAfter": lambda moment: job.created > moment,
    }
    return all(checks[name](value) for name, value in chosen.items())


def _oldest_first(taken: Taken) -> str:
    return f"{_milliseconds(taken[0]):014}.{taken[0].id}"


def _newest_first(taken: Taken) -> str:
    return f"{_LAST_MILLISECOND - _milliseconds(taken[0]):014}.{taken[0].id}"


def _milliseconds(job: Job) -> int:
    return round(job.created.timestamp() * 1000)


def _id(job: Job) -> str:
    return job.id.removeprefix(_PREFIX)
