"""How a job is shown: results on standard output, how far it is and what went wrong on standard error."""

import sys
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


def say(line: str) -> int:
    """Write a line for programs to read; return the exit status of what went well."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return 0


def failed(why: str) -> int:
    """Write a line for people to read; return the exit status of what went wrong."""
    sys.stderr.write(f"{why}\n")
    return 1
