"""What a command of the store is, and what all of them take and print."""

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.store.manifest import Manifest
from shared.store.settings import StoreSettings
from shared.store.store import ModelStore

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Command:
    """One command; `run` returns its exit status and raises Problem."""

    name: str
    help: str
    run: Callable[[ModelStore, Namespace], int]
    add_options: Callable[[ArgumentParser], None] = lambda parser: None


def add_commands(parser: ArgumentParser, commands: Sequence[Command]) -> None:
    """Let a parser take one of the commands; what it parses is for `run_chosen`."""
    location = StoreSettings().location
    subparsers = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in commands:
        subparser = subparsers.add_parser(command.name, help=command.help, description=command.help)
        subparser.add_argument(
            "--location", default=location, help="folder or s3://bucket/prefix (default: %(default)s)"
        )
        subparser.add_argument(
            "--cache", type=Path, help="where copies of a bucket's models are kept (default: nowhere)"
        )
        command.add_options(subparser)
        subparser.set_defaults(store_command=command)


def run_chosen(chosen: Namespace) -> int:
    """Run the command that was parsed; return its exit status. Raises Problem."""
    with _cache(chosen) as cache:
        command: Command = chosen.store_command
        return command.run(ModelStore(chosen.location, cache), chosen)


def show(rows: Rows) -> None:
    """Print a table."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(f"{line.rstrip()}\n")


def show_made(store: ModelStore, manifest: Manifest, chosen: Namespace, how: str = "PUBLISHED") -> int:
    """Make a version the one in use, if that is wanted, and print it."""
    if chosen.point:
        store.point(manifest.name, manifest.version)
    show([(how, manifest.name, manifest.version, f"{len(manifest.files)} files")])
    return 0


def add_point_option(parser: ArgumentParser) -> None:
    """Let a parser take what `show_made` looks at."""
    parser.add_argument("--point", action="store_true", help="also make it the version in use")


@contextmanager
def _cache(chosen: Namespace) -> Iterator[Path]:
    with TemporaryDirectory(prefix="timbre-models-") as folder:
        yield chosen.cache or Path(folder)
