"""Timbre from a shell: `./timbre COMMAND`, or `python -m client COMMAND`."""

import argparse
import sys
from collections.abc import Sequence

from pydantic import ValidationError

from client.aws import AWS
from client.command import Command, WrongUse, add_commands, add_options
from client.jobs import parser as jobs
from client.keywords import parser as keywords
from client.models import add_models
from client.programs import PROGRAMS
from client.terminal import failed
from client.timbre import Refused, Timbre
from client.transcription import parser as transcription
from shared.command_line import show_any_name, status_of
from shared.problems import Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 2 for a wrong use, 130 interrupted, what `--help` says otherwise."""
    show_any_name()
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in PROGRAMS:
        PROGRAMS[arguments[0]].become(arguments[1:])
    parser = _parser()
    chosen = parser.parse_args(arguments)
    return status_of(lambda: _do(parser, chosen), chosen.command.interrupted)


def _do(parser: argparse.ArgumentParser, chosen: argparse.Namespace) -> int:
    try:
        return _run(chosen.command, chosen.command.timbre(), chosen)
    except WrongUse as error:
        parser.error(str(error))


def _run(command: Command, timbre: Timbre, chosen: argparse.Namespace) -> int:
    """Run one command; what goes wrong with its calls is told in words."""
    try:
        return command.run(timbre, chosen)
    except (Refused, Problem) as error:
        why = f"{error.title}: {error.detail}" if isinstance(error, Problem) else str(error)
    except ValidationError:
        why = "The answer is not understood; is this the address of a Timbre?"
    except ValueError:
        why = "The address, the key or an option has characters that cannot be sent."
    return failed(why, command.error_status)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="timbre",
        description="Call a running Timbre.",
        epilog="TIMBRE_API_KEY and TIMBRE_URL say which, in the environment or in .env beside this command.",
    )
    groups = parser.add_subparsers(required=True, metavar="COMMAND")
    add_commands(
        groups.add_parser("jobs", help="long work: submit it, and fetch what it made"), jobs.COMMANDS, jobs.OPTIONS
    )
    add_options(
        groups.add_parser("transcribe", help=transcription.TRANSCRIBE.help),
        transcription.TRANSCRIBE,
        transcription.OPTIONS,
    )
    add_options(groups.add_parser("keywords", help=keywords.HEAR.help), keywords.HEAR, keywords.OPTIONS)
    add_commands(
        groups.add_parser("words", help="words of your own, for keywords to hear"), keywords.OWN_WORDS, keywords.OPTIONS
    )
    add_options(groups.add_parser("aws", help=AWS.help), AWS, {})
    for program in PROGRAMS.values():
        groups.add_parser(program.name, help=program.help, add_help=False)  # the program that it becomes reads the rest
    add_models(groups.add_parser("models", help="models in a store of this machine or a bucket: list, pull, import"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
