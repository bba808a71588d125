"""Look after a model store: `python -m shared.store list|verify|publish|point --location LOCATION ...`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.problems import Problem
from shared.store.store import ModelStore


def main(arguments: Sequence[str]) -> int:
    """Run one command; return 0 when all is well, 1 when a model did not verify or the command failed."""
    options = _parser().parse_args(arguments)
    with TemporaryDirectory(prefix="timbre-models-") as folder:
        try:
            rows = options.run(ModelStore(options.location, options.cache or Path(folder)), options)
        except Problem as problem:
            sys.stderr.write(f"{problem.title}: {problem.detail}\n")
            return 1
    sys.stdout.write(_table(rows))
    return int(any(row[-1].startswith("FAILED") for row in rows))


def _list(store: ModelStore, _: argparse.Namespace) -> list[tuple[str, ...]]:
    return [
        ("MODEL", "IN USE", "VERSIONS"),
        *((m.name, m.current or "BROKEN POINTER", " ".join(m.versions)) for m in store.list()),
    ]


def _verify(store: ModelStore, options: argparse.Namespace) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("MODEL", "VERSION", "STATE")]
    for model in store.list():
        if options.name in {None, model.name}:
            rows += [] if model.current else [(model.name, "current", "FAILED the pointer names no version")]
            rows += [(model.name, version, _state(store, model.name, version)) for version in model.versions]
    return rows


def _state(store: ModelStore, name: str, version: str) -> str:
    try:
        store.fetch(name, version)
    except Problem as problem:
        return f"FAILED {problem.detail}"
    return "ok"


def _publish(store: ModelStore, options: argparse.Namespace) -> list[tuple[str, ...]]:
    manifest = store.publish(options.folder, options.name, options.version)
    if options.point:
        store.point(options.name, options.version)
    return [("PUBLISHED", manifest.name, manifest.version, f"{len(manifest.files)} files")]


def _point(store: ModelStore, options: argparse.Namespace) -> list[tuple[str, ...]]:
    store.point(options.name, options.version)
    return [("IN USE", options.name, options.version)]


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--location", required=True, help="folder or s3://bucket/prefix")
    common.add_argument("--cache", type=Path, help="where copies of a bucket's models are kept (default: nowhere)")
    parser = argparse.ArgumentParser(prog="python -m shared.store", description="Look after a model store.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    listing = commands.add_parser("list", parents=[common], help="show all models")
    listing.set_defaults(run=_list)

    verify = commands.add_parser("verify", parents=[common], help="check every file of every version")
    verify.add_argument("name", nargs="?", help="only this model")
    verify.set_defaults(run=_verify)

    publish = commands.add_parser("publish", parents=[common], help="copy a folder with a manifest.json into the store")
    publish.add_argument("folder", type=Path)
    publish.add_argument("name")
    publish.add_argument("version")
    publish.add_argument("--point", action="store_true", help="also make it the version in use")
    publish.set_defaults(run=_publish)

    point = commands.add_parser("point", parents=[common], help="choose the version in use")
    point.add_argument("name")
    point.add_argument("version")
    point.set_defaults(run=_point)
    return parser


def _table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
