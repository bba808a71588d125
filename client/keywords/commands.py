"""What the command line can do with spoken commands. Each returns its exit status, and raises what the calls raise."""

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator

from client.command import WrongUse
from client.keywords.reports import JsonLines, Report, Table
from client.keywords.schemas import Answer
from client.keywords.sending import STANDARD_INPUT, Unheard, answers
from client.terminal import CLEAR, failed, printable, say
from client.timbre import Part, Timbre

NONE_STATUS, ERROR_STATUS = 1, 2


def hear(timbre: Timbre, chosen: Namespace) -> int:
    """Show what each file holds. Raises WrongUse."""
    if chosen.files.count(STANDARD_INPUT) > 1:
        raise WrongUse("standard input is one recording: name - once")
    report: Report = JsonLines() if chosen.json else Table(chosen.files, sys.stdout)
    heard = answers(timbre, chosen.files, _parts(chosen, "model", "threshold", "keywords"))
    return max(_show(report, file, answer) for file, answer in _counted(chosen.files, heard))


def _show(report: Report, file: str, answer: bytes | Unheard) -> int:
    """Write what one file holds; return the exit status that it alone would have."""
    if isinstance(answer, Unheard):
        return failed(f"{printable(file)}: {answer}", ERROR_STATUS)
    found = Answer.model_validate_json(answer).matches
    for line in report.lines(file, answer):
        say(line)
    return 0 if found else NONE_STATUS


def _counted(files: list[str], heard: Iterable[bytes | Unheard]) -> Iterator[tuple[str, bytes | Unheard]]:
    """Yield each file with its answer; say on a terminal how many are answered while the next one is waited for."""
    is_shown = sys.stderr.isatty() and len(files) > 1

    def count(text: str) -> None:
        sys.stderr.write(f"{CLEAR}{text}" if is_shown else "")
        sys.stderr.flush()

    try:
        for done, pair in enumerate(zip(files, heard, strict=True)):
            count("")
            yield pair
            count(f"{done + 1} of {len(files)}")
    finally:
        count("")


def _parts(chosen: Namespace, *names: str) -> list[Part]:
    return [(name, str(getattr(chosen, name))) for name in names if getattr(chosen, name) is not None]
