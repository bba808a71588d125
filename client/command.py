"""What a command is; each part of the command line declares its own."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from client.access import Access
from client.timbre import Timbre
from shared.settings import faults_in

Options = Mapping[str, Mapping[str, Any]]
"""What `add_argument` wants to know of each option, by its name."""


class WrongUse(Exception):
    """Arguments that do not fit together; the text is for the user."""


def of_settings() -> Timbre:
    """Return the Timbre that the settings name. Raises WrongUse."""
    try:
        return Access().timbre  # type: ignore[call-arg]  # pydantic reads the environment
    except ValidationError as error:
        raise WrongUse("; ".join(faults_in(error))) from error


def of_nobody() -> Timbre:
    """Return what a command gets that works on this machine alone, and so needs no key."""
    return Timbre("", "")


@dataclass(frozen=True, slots=True)
class Command:
    """One command: it returns its exit status, and raises what the calls raise."""

    name: str
    run: Callable[[Timbre, Namespace], int]
    help: str
    options: str = ""
    """Names of its options, with spaces between them."""
    error_status: int = 1
    """Exit status when a call goes wrong."""
    interrupted: str = "Interrupted."
    """What to say when the user ends it."""
    more: str = ""
    """What its own help says below the options."""
    timbre: Callable[[], Timbre] = of_settings
    """Which Timbre it calls."""


def add_commands(parser: ArgumentParser, commands: Sequence[Command], options: Options) -> None:
    """Let a parser take one of several commands."""
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in commands:
        add_options(subparsers.add_parser(command.name, help=command.help), command, options)


def add_options(parser: ArgumentParser, command: Command, options: Options) -> None:
    """Let a parser take the options of a command, and tell which command that is."""
    parser.description, parser.epilog = command.help, command.more
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.set_defaults(command=command)
    for option in command.options.split():
        parser.add_argument(option, **options[option])
