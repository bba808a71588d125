"""The commands for models in a store, which are those of `python -m shared.store`; they call no Timbre."""

from argparse import ArgumentParser, Namespace

from client.command import Command, of_nobody
from client.timbre import Timbre
from shared.store.commands import COMMANDS, add_commands, run_chosen


def add_models(parser: ArgumentParser) -> None:
    """Let a parser take one of the store's commands."""
    add_commands(parser, COMMANDS)
    parser.set_defaults(command=_MODELS)


def _run(_: Timbre, chosen: Namespace) -> int:
    return run_chosen(chosen)


_MODELS = Command(
    "models", _run, "models in a store", interrupted="Interrupted; call it again to go on.", timbre=of_nobody
)
