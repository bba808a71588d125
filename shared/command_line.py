"""How commands end, whatever happens to them: with words for people and a status for programs, without a traceback."""

import io
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Final

from shared.problems import Problem

UNABLE: Final = 1
INTERRUPTED: Final = 130
READER_GONE: Final = 141


def show_any_name() -> None:
    """Let names be shown that have characters which this terminal has not."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def status_of(run: Callable[[], int], interrupted: str = "Interrupted.") -> int:
    """Run a command and return its exit status: `UNABLE` for a problem; `INTERRUPTED`, with those words, where the user
    ended it; `READER_GONE` where nobody reads its output any more."""
    try:
        status = run()
        sys.stdout.flush()  # else a reader who has gone is noticed when it is too late to say so
        return status
    except Problem as problem:
        sys.stderr.write(f"{problem.title}: {problem.detail}\n")
        return UNABLE
    except KeyboardInterrupt:
        sys.stderr.write(f"\n{interrupted}\n")
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
        return READER_GONE


def end_orderly(number: int, _: FrameType | None) -> None:
    """End upon a signal in an orderly way: what is being done is given up, for others to take."""
    raise SystemExit(128 + number)
