"""How far a job is, on standard error."""

from collections.abc import Iterable
from typing import TextIO

from gateway.jobs.schemas import Job
from shared.progress import Progress


def progress_of(changes: Iterable[Job], stream: TextIO) -> Job:
    """Show each change, as a bar on a terminal and else in lines; return the job as it ended."""
    progress = Progress(stream)
    for job in changes:
        progress.show(job.progress or 0.0, job.step or job.state)
    progress.end()
    return job
