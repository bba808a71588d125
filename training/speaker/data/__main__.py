"""Keep account of recordings of voices: `python -m training.speaker.data COMMAND`, or `./timbre dataset COMMAND`."""

import argparse
import io
import os
import sys
from collections.abc import Callable, Sequence

from shared.problems import InvalidInput, Problem
from training.speaker.data.parser import parser_of_commands

_UNABLE = 1
_INTERRUPTED_STATUS = 130
_READER_GONE_STATUS = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 1 it could not, 2 for a wrong use, 130 interrupted."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names may have characters that this terminal has not
    parser = parser_of_commands()
    chosen = parser.parse_args(arguments)
    do: Callable[[argparse.Namespace], int] = chosen.do
    try:
        return do(chosen)
    except InvalidInput as problem:
        parser.error(problem.detail)
    except Problem as problem:
        sys.stderr.write(f"{problem.title}: {problem.detail}\n")
        return _UNABLE
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted. The same import goes on where this one stopped.\n")
        return _INTERRUPTED_STATUS
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else Python complains when it ends
        return _READER_GONE_STATUS


if __name__ == "__main__":
    sys.exit(main())
