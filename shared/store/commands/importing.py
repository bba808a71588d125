"""`import`: somebody's folder or archive becomes a version of a model."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shared.problems import Json
from shared.store.catalogue import read_catalogue
from shared.store.commands.catalogue import add_catalogue_option
from shared.store.commands.command import Command, add_point_option, show_made
from shared.store.imports import Import
from shared.store.settings import StoreSettings
from shared.store.store import ModelStore


def run(store: ModelStore, chosen: Namespace) -> int:
    """Copy its files into the store."""
    members: dict[str, Json] = {
        "task": chosen.task, "engine": chosen.engine, "licence": chosen.licence, "languages": chosen.language
    }  # fmt: skip
    given = {name: value for name, value in members.items() if value}
    catalogue = read_catalogue(chosen.catalogue)
    place = StoreSettings().downloads_folder / ".imports"
    manifest = Import(store, chosen.source, chosen.name, chosen.version, given, catalogue, place).run()
    return show_made(store, manifest, chosen)


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("source", type=Path, metavar="FOLDER|ARCHIVE", help="a zip or tar.gz")
    parser.add_argument("name")
    parser.add_argument("version")
    parser.add_argument(
        "--engine", help="what opens it; not needed for models of the catalogue, and with a manifest.json"
    )
    parser.add_argument("--task", help="speech-to-text, unless it is said")
    parser.add_argument("--licence")
    parser.add_argument("--language", action="append", metavar="CODE", help="ISO 639-1; may be repeated")
    add_catalogue_option(parser)
    add_point_option(parser)


COMMAND = Command("import", "copy a folder or an archive of files into the store", run, _add_options)
