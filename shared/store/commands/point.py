"""`point`: which version of a model is in use."""

from argparse import ArgumentParser, Namespace

from shared.store.commands.command import Command, show
from shared.store.store import ModelStore


def run(store: ModelStore, chosen: Namespace) -> int:
    """Change the version in use."""
    store.point(chosen.name, chosen.version)
    show([("IN USE", chosen.name, chosen.version)])
    return 0


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("version")


COMMAND = Command("point", "choose the version in use", run, _add_options)
