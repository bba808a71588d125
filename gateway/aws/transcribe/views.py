"""A transcription job as Transcribe's clients are told of it: from what was asked, and what became of the job."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from gateway.aws.transcribe.records import Record
from gateway.jobs.results import Made
from gateway.jobs.schemas import Job, State
from gateway.transcripts.amazon_languages import code_of

_STATUSES: dict[State, str] = {
    "queued": "QUEUED",
    "running": "IN_PROGRESS",
    "succeeded": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "FAILED",
}
_ECHOED = (
    *("LanguageCode", "MediaSampleRateHertz", "MediaFormat", "Media", "Settings", "ModelSettings"),
    *("IdentifyLanguage", "LanguageOptions", "Tags"),
)
_SUMMED_UP = ("LanguageCode", "ModelSettings", "IdentifyLanguage")

Link = Callable[[Made], str]
"""Where a result can be fetched."""


def status_of(job: Job | None) -> str:
    """Return the status; a job that is not there yet waits."""
    return _STATUSES[job.state] if job else "QUEUED"


def summary_of(record: Record, job: Job | None, made: list[Made]) -> dict[str, Any]:
    """Return what lists tell of a job."""
    place = "CUSTOMER_BUCKET" if "OutputBucketName" in record.asked else "SERVICE_BUCKET"
    echoed = {name: record.asked.get(name) for name in _SUMMED_UP}
    return {**echoed, **_progress(record, job), **_heard(record, made), "OutputLocationType": place}


def view_of(record: Record, job: Job | None, made: list[Made], link: Link) -> dict[str, Any]:
    """Return all that is told of a job."""
    return {
        **{name: record.asked.get(name) for name in _ECHOED},
        **_progress(record, job),
        **_heard(record, made),
        "Transcript": {"TranscriptFileUri": link(made[0])} if made else None,
        "Subtitles": _subtitles(record.asked.get("Subtitles"), made, link),
    }


def _progress(record: Record, job: Job | None) -> dict[str, Any]:
    return {
        "TranscriptionJobName": record.name,
        "TranscriptionJobStatus": status_of(job),
        "CreationTime": record.created,
        "StartTime": _later(record, job.started if job else None),
        "CompletionTime": _later(record, job.ended if job else None),
        "FailureReason": _failure(job),
    }


def _later(record: Record, moment: datetime | None) -> datetime | None:
    """Return a moment of the job, none of which is before it was asked for, whatever the clocks of workers say."""
    return max(moment, record.created) if moment else None


def _failure(job: Job | None) -> str | None:
    if job is None or status_of(job) != "FAILED":
        return None
    return str(job.error["detail"]) if job.error else "The job was stopped."


def _heard(record: Record, made: list[Made]) -> dict[str, Any]:
    """Return what was found out while the recording was written down."""
    if not made:
        return {}
    found = {"MediaFormat": made[0]["media_format"], "MediaSampleRateHertz": made[0]["sample_rate_hz"]}
    if "LanguageCode" in record.asked or not made[0]["language"]:
        return found
    return {**found, "LanguageCode": code_of(made[0]["language"], record.asked.get("LanguageOptions", ()))}


def _subtitles(asked: dict[str, Any] | None, made: list[Made], link: Link) -> dict[str, Any] | None:
    if not asked or not asked.get("Formats"):
        return None
    uris = [link(one) for one in made[1:]]
    return {"OutputStartIndex": 0, **asked, "SubtitleFileUris": uris or None}
