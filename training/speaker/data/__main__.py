"""Keep account of recordings of voices: `python -m training.speaker.data COMMAND`, or `./timbre dataset COMMAND`."""

import argparse
import sys
from collections.abc import Callable, Sequence

from shared.command_line import show_any_name, status_of
from shared.problems import InvalidInput
from training.speaker.data.parser import parser_of_commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 1 it could not, 2 for a wrong use, 130 interrupted."""
    show_any_name()
    parser = parser_of_commands()
    chosen = parser.parse_args(arguments)
    interrupted = "Interrupted. The same import goes on where this one stopped."
    return status_of(lambda: _do(parser, chosen), interrupted)


def _do(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    """Do what was chosen; options that are wrong are a wrong use."""
    do: Callable[[argparse.Namespace], int] = chosen.do
    try:
        return do(chosen)
    except InvalidInput as problem:
        parser.error(problem.detail)


if __name__ == "__main__":
    sys.exit(main())
