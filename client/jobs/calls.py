"""The calls for jobs that are more than one question and its answer. All raise Refused; ValidationError too."""

import time
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import quote

from client.timbre import Timbre, Unreachable, unreachable
from gateway.files.schemas import StoredFile
from gateway.jobs.schemas import ENDED, Job, Result
from shared.objects.atomic import WRITING, atomic_write, opened_folder, reported
from shared.objects.keys import check_key

_PAUSE_SECONDS = 0.5
_SUFFIXES = {"mpeg": "mp3", "plain": "txt", "ssml+xml": "ssml", "x-subrip": "srt"}


def path_of(job_id: str) -> str:
    """Return the path of one job."""
    return f"/v1/jobs/{quote(job_id, safe='')}"


def upload(timbre: Timbre, name: str, content: bytes) -> StoredFile:
    """Keep a file there."""
    return StoredFile.model_validate_json(timbre.send("/v1/files", ("file", (name, content))))


def changes(timbre: Timbre, job_id: str) -> Iterator[Job]:
    """Yield the job now, and whenever it has changed, until it has ended."""
    gone_since: float | None = None
    while True:
        try:
            for job in _events(timbre, job_id):
                gone_since = None
                yield job
                if job.state in ENDED:
                    return
        except Unreachable:
            gone_since = gone_since or time.monotonic()
            if time.monotonic() - gone_since > timbre.patience_seconds:
                raise
        time.sleep(_PAUSE_SECONDS)


def save(timbre: Timbre, job_id: str, result: Result, folder: Path) -> Path:
    """Fetch one result into the folder, whole or not at all; return its path. Raises Problem too."""
    kind = result.media_type.rpartition("/")[2]
    name = check_key(f"{result.name}.{_SUFFIXES.get(kind, kind)}".replace("/", "_"))
    with (
        timbre.answer("GET", f"{path_of(job_id)}/results/{quote(result.name, safe='')}") as answer,
        reported(WRITING),
        opened_folder(folder, create=True) as opened,
        atomic_write(opened, name) as file,
    ):
        while chunk := _read(answer):
            file.write(chunk)
        if file.tell() != result.bytes:
            raise Unreachable(f"The result {result.name!r} broke off.")
    return folder / name


def _events(timbre: Timbre, job_id: str) -> Iterator[Job]:
    with timbre.answer("GET", f"{path_of(job_id)}/events") as stream:
        yield from (Job.model_validate_json(line[6:]) for line in stream if line.startswith(b"data: "))
    raise Unreachable("The events broke off.")


def _read(answer: HTTPResponse) -> bytes:
    try:
        return answer.read(262_144)
    except OSError as error:  # the folder would take it for an error of its own
        raise unreachable(error) from error
