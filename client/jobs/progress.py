"""How far a job is, on standard error."""

from collections.abc import Iterable
from typing import TextIO

from gateway.jobs.schemas import Job

_BAR_CHARACTERS = 30


def progress_of(changes: Iterable[Job], stream: TextIO) -> Job:
    """Show each change, as a bar on a terminal and else in lines; return the job as it ended."""
    shown = ""
    for job in changes:
        share, doing = job.progress or 0.0, job.step or job.state
        if stream.isatty():
            filled = "#" * round(share * _BAR_CHARACTERS)
            stream.write(f"\r{filled:.<{_BAR_CHARACTERS}} {share:4.0%} {doing}\x1b[K")
        elif shown != (line := f"{int(share * 10) * 10:3}% {doing}\n"):  # each tenth, not each sentence
            stream.write(line)
            shown = line
        stream.flush()
    stream.write("\n" if stream.isatty() else "")
    return job
