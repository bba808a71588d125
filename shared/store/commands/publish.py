"""`publish`: a folder with a manifest becomes a version of a model."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shared.store.commands.command import Command, add_point_option, show_made
from shared.store.store import ModelStore


def run(store: ModelStore, chosen: Namespace) -> int:
    """Copy the folder into the store."""
    return show_made(store, store.publish(chosen.folder, chosen.name, chosen.version), chosen)


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("version")
    add_point_option(parser)


COMMAND = Command("publish", "copy a folder with a manifest.json into the store", run, _add_options)
