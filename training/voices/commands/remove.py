"""`remove`: a voice, or a version of one, leaves the store."""

import sys
from argparse import ArgumentParser, Namespace

from services.tts.network import TASK
from shared.objects import ObjectStore, open_objects
from shared.problems import InvalidInput, ModelNotFound
from shared.store.names import MANIFEST, POINTER, check_name
from training.voices.commands.stored import add_store_option, opened


def add_options(parser: ArgumentParser) -> None:
    """Let a parser take which voice."""
    parser.add_argument("name")
    parser.add_argument("version", nargs="?", help="default: all versions, and so the voice")
    add_store_option(parser)


def run(chosen: Namespace) -> int:
    """Remove it. Raises ModelNotFound, InvalidInput for the version in use or what is no voice."""
    store, objects = opened(chosen.location), open_objects(chosen.location)
    name = check_name(chosen.name, "name")
    in_use = store.version_in_use(name)
    if store.manifest(name, in_use).task != TASK:
        raise InvalidInput(f"{name} is no voice; it stays.")
    versions = next(model.versions for model in store.list() if model.name == name)
    if chosen.version is None:
        objects.delete(f"{name}/{POINTER}")
        for version in versions:
            _remove_version(objects, name, version)
    elif chosen.version not in versions:
        raise ModelNotFound(f"There is no version {chosen.version[:64]!a} of {name}.")
    elif chosen.version == in_use:
        raise InvalidInput(
            f"Version {in_use} is in use; choose another one first: ./timbre models point {name} VERSION."
        )
    else:
        _remove_version(objects, name, chosen.version)
    sys.stdout.write(f"REMOVED  {name}  {chosen.version or ', '.join(versions)}\n")
    return 0


def _remove_version(objects: ObjectStore, name: str, version: str) -> None:
    """Remove the manifest first: without one, nobody opens what is left where this breaks off."""
    objects.delete(f"{name}/{version}/{MANIFEST}")
    objects.delete_all(f"{name}/{version}/")
