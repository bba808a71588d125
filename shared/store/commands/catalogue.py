"""`catalogue`: what can be pulled."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from shared.store.catalogue import CATALOGUE, CatalogueModel, read_catalogue
from shared.store.commands.command import Command, show
from shared.store.store import ModelStore


def run(store: ModelStore, chosen: Namespace) -> int:
    """Print each model of the catalogue, and whether the store has it."""
    there = {(model.name, version) for model in store.list() for version in model.versions}
    rows = [_row(model, (model.name, model.version) in there) for model in read_catalogue(chosen.catalogue).models]
    show([("MODEL", "VERSION", "ENGINE", "LANGUAGES", "SIZE", "LICENCE", "SHA256", "HERE"), *rows])
    return 0


def add_catalogue_option(parser: ArgumentParser) -> None:
    """Let a parser take another catalogue."""
    parser.add_argument("--catalogue", type=Path, default=CATALOGUE, help="another catalogue than Timbre's own")


def _row(model: CatalogueModel, is_here: bool) -> tuple[str, ...]:
    is_pinned = all(file.sha256 for file in model.files.values())
    return (
        model.name,
        model.version,
        model.engine,
        " ".join(model.languages) or "many",
        f"{model.size_bytes / 1e6:,.0f} MB" if model.size_bytes else "unknown",
        model.licence,
        "known" if is_pinned else "unknown",
        "yes" if is_here else "no",
    )


COMMAND = Command("catalogue", "show what can be pulled, and what of it is here", run, add_catalogue_option)
