"""What the command line can do with jobs. Each command returns its exit status, and raises what the calls raise."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from client.jobs.calls import changes, path_of, save
from client.jobs.progress import progress_of
from client.terminal import failed, say
from client.timbre import Timbre
from gateway.jobs.schemas import Forgotten, Job, JobPage
from shared.printable import printable

_HOW = (
    *("text_type", "voice", "response_format", "speed"),
    *("children", "task", "language", "prompt", "temperature", "keywords"),
    *("output", "document"),
)


def submit(timbre: Timbre, chosen: Namespace) -> int:
    """Send a text or a recording, or name a bucket, and follow its job if that is wanted. Raises WrongUse."""
    kind = chosen.kind or "emotional-speech"
    how = _given(chosen, *_HOW)
    order = {"kind": kind, "input": {**chosen.source.input_of(kind, timbre), **how}}
    headers = {"Idempotency-Key": chosen.idempotency_key} if chosen.idempotency_key else {}
    chosen.job = Job.model_validate_json(timbre.ask("POST", "/v1/jobs", order, **headers)).id
    say(chosen.job)
    return watch(timbre, chosen) if chosen.wait or chosen.out else 0


def watch(timbre: Timbre, chosen: Namespace) -> int:
    """Follow a job to its end."""
    return _saved(timbre, progress_of(changes(timbre, chosen.job), sys.stderr), chosen.out)


def fetch(timbre: Timbre, chosen: Namespace) -> int:
    """Save the results of a job."""
    return _saved(timbre, _found(timbre, chosen.job), chosen.out or Path())


def list_jobs(timbre: Timbre, chosen: Namespace) -> int:
    """Show one page of the jobs."""
    query = urlencode(_given(chosen, "state", "kind", "limit", "after"))
    page = JobPage.model_validate_json(timbre.ask("GET", f"/v1/jobs?{query}"))
    for job in page.jobs:
        say(f"{job.id}  {job.created:%Y-%m-%d %H:%M:%S}  {job.state:9}  {job.kind}")
    if page.next:
        sys.stderr.write(f"There are more: --after {page.next}\n")
    return 0


def show(timbre: Timbre, chosen: Namespace) -> int:
    """Show all that is known of a job."""
    return say(_found(timbre, chosen.job).model_dump_json(indent=2))


def cancel(timbre: Timbre, chosen: Namespace) -> int:
    """Stop a job."""
    job = Job.model_validate_json(timbre.ask("DELETE", path_of(chosen.job)))
    return say(f"{job.id} is {job.state}.")


def forget_jobs(timbre: Timbre, _: Namespace) -> int:
    """Stop and delete all jobs."""
    count = Forgotten.model_validate_json(timbre.ask("DELETE", "/v1/jobs")).jobs
    return say(f"{count} jobs are being deleted.")


def _saved(timbre: Timbre, job: Job, folder: Path | None) -> int:
    if job.error:
        return failed(printable("{title}: {detail}".format_map(job.error)))
    if job.state != "succeeded":
        return failed(f"{job.id} is {job.state}.")
    if folder:
        for result in job.results:
            say(str(save(timbre, job.id, result, folder)))
    return 0


def _found(timbre: Timbre, job_id: str) -> Job:
    return Job.model_validate_json(timbre.ask("GET", path_of(job_id)))


def _given(chosen: Namespace, *names: str) -> dict[str, Any]:
    return {name: getattr(chosen, name) for name in names if getattr(chosen, name) is not None}
