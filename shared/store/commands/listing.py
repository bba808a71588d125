"""`list`: what is in the store."""

from argparse import Namespace

from shared.store.commands.command import Command, show
from shared.store.store import ModelStore


def run(store: ModelStore, _: Namespace) -> int:
    """Print each model with its versions."""
    models = [(m.name, m.current or "BROKEN POINTER", " ".join(m.versions)) for m in store.list()]
    show([("MODEL", "IN USE", "VERSIONS"), *models])
    return 0


COMMAND = Command("list", "show all models", run)
