"""`verify`: whether what is in the store is what its manifests say."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from shared.problems import ModelNotFound, Problem
from shared.store.commands.command import Command, show
from shared.store.store import ModelInfo, ModelStore


def run(store: ModelStore, chosen: Namespace) -> int:
    """Print what is found of each version; return 1 where one failed. Raises ModelNotFound for a name of none."""
    models = [model for model in store.list() if chosen.name in {None, model.name}]
    if chosen.name is not None and not models:
        raise ModelNotFound(f"There is no model {chosen.name[:80]!a}.")
    rows = [row for model in models for row in _rows(store, model)]
    show([("MODEL", "VERSION", "STATE"), *rows])
    return int(any(state.startswith("FAILED") for _, _, state in rows))


def _rows(store: ModelStore, model: ModelInfo) -> Iterator[tuple[str, str, str]]:
    if model.current is None:
        yield model.name, "current", "FAILED the pointer names no version"
    for version in model.versions:
        yield model.name, version, _state(store, model.name, version)


def _state(store: ModelStore, name: str, version: str) -> str:
    try:
        store.fetch(name, version)
    except Problem as problem:
        return f"FAILED {problem.detail}"
    return "ok"


def _add_options(parser: ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="only this model")


COMMAND = Command("verify", "check every file of every version", run, _add_options)
