"""`pull`: a model of the catalogue comes into the store."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Mapping
from pathlib import Path

from shared.progress import Progress
from shared.store.catalogue import CatalogueModel, read_catalogue
from shared.store.commands.catalogue import add_catalogue_option
from shared.store.commands.command import Command, add_point_option, show_made
from shared.store.pull import Pull, pinned
from shared.store.settings import StoreSettings
from shared.store.store import ModelStore


def run(store: ModelStore, chosen: Namespace) -> int:
    """Fetch it, unless it is here."""
    model = read_catalogue(chosen.catalogue).find(chosen.name)
    if any((model.name, model.version) == (m.name, version) for m in store.list() for version in m.versions):
        return show_made(store, store.manifest(model.name, model.version), chosen, "HERE ALREADY")
    sums = pinned(model, dict(chosen.sha256), takes_unknown=chosen.unpinned)
    manifest, found = Pull(store, model, sums, chosen.downloads, Progress(sys.stderr)).run()
    _show_unknown(model, found)
    return show_made(store, manifest, chosen)


def _show_unknown(model: CatalogueModel, found: Mapping[str, str]) -> None:
    """Print what a catalogue would have to say, for whoever wants to pin it."""
    for name, file in model.files.items():
        if file.sha256 is None:
            sys.stdout.write(f'{model.name}: the sha256 of "{name}" is {found[name]}\n')


def _sum(text: str) -> tuple[str, str]:
    name, _, sha256 = text.rpartition("=")
    if not name or len(sha256) != 64 or set(sha256.lower()) - set("0123456789abcdef"):
        raise ArgumentTypeError("FILE=SUM, where SUM has 64 hexadecimal digits")
    return name, sha256.lower()


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("name")
    add_catalogue_option(parser)
    parser.add_argument("--sha256", type=_sum, action="append", default=[], metavar="FILE=SUM",
                        help="what a file has to be, where the catalogue does not know it")  # fmt: skip
    parser.add_argument("--unpinned", action="store_true", help="take what comes where no sha256 is known, and say it")
    parser.add_argument("--downloads", type=Path, default=StoreSettings().downloads_folder, metavar="FOLDER",
                        help="where a download that breaks off is gone on with (default: %(default)s)")  # fmt: skip
    add_point_option(parser)


COMMAND = Command("pull", "fetch a model of the catalogue, and check it", run, _add_options)
