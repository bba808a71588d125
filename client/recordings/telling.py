"""What came of each recording, told in the order of the files, and the exit status of it all."""

import sys
from argparse import Namespace
from collections.abc import Iterable, Iterator, Sequence

from client.command import WrongUse
from client.recordings.reports import Report
from client.recordings.sending import STANDARD_INPUT, Call, Unheard, answers
from client.terminal import CLEAR, failed, say
from client.timbre import Part, Timbre
from shared.printable import printable

NONE_STATUS, ERROR_STATUS = 1, 2


def tell(timbre: Timbre, call: Call, files: Sequence[str], report: Report) -> int:
    """Show what each file holds; return 0 if all hold something, NONE_STATUS if one does not, else ERROR_STATUS.

    Raises WrongUse, and what `answers` raises.
    """
    if files.count(STANDARD_INPUT) > 1:
        raise WrongUse("standard input is one recording: name - once")
    heard = answers(timbre, call, files)
    return max(_show(report, file, answer) for file, answer in _counted(files, heard))


def parts_of(chosen: Namespace, *names: str) -> list[Part]:
    """Return those of the options that were given, as members of a form."""
    return [(name, str(getattr(chosen, name))) for name in names if getattr(chosen, name) is not None]


def _show(report: Report, file: str, answer: bytes | Unheard) -> int:
    """Write what one file holds; return the exit status that it alone would have."""
    if isinstance(answer, Unheard):
        return failed(f"{printable(file)}: {answer}", ERROR_STATUS)
    for line in report.lines(file, answer):
        say(line)
    return 0 if report.holds_something(answer) else NONE_STATUS


def _counted(files: Sequence[str], heard: Iterable[bytes | Unheard]) -> Iterator[tuple[str, bytes | Unheard]]:
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
