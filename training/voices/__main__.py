"""Voices of one's own: `python -m training.voices COMMAND`, or `./timbre voice COMMAND`."""

import argparse
import sys
from collections.abc import Sequence

from shared.command_line import show_any_name, status_of
from training.voices.commands import COMMANDS
from training.voices.commands.programs import PROGRAMS

_INTERRUPTED = "Interrupted; the same command goes on where this one stopped."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status: 1 it could not, 2 for a wrong use, 130 interrupted."""
    show_any_name()
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in PROGRAMS:
        return status_of(lambda: PROGRAMS[arguments[0]].run(arguments[1:]), _INTERRUPTED)
    parser = argparse.ArgumentParser(prog="timbre voice", description="Voices of one's own.")
    groups = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, program in PROGRAMS.items():
        groups.add_parser(name, help=program.help)
    for name, (command, told) in COMMANDS.items():
        options = groups.add_parser(name, help=told, description=told)
        command.add_options(options)
        options.set_defaults(run=command.run)
    chosen = parser.parse_args(arguments)
    return status_of(lambda: int(chosen.run(chosen)), _INTERRUPTED)


if __name__ == "__main__":
    sys.exit(main())
