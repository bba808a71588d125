"""Bring a folder into a model store, or complete the manifest of one that lies there already."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from shared.objects import ObjectStore
from shared.objects.folder import FolderObjects
from shared.problems import AlreadyExists, InvalidInput, Json
from shared.store.manifest import MAX_MANIFEST_BYTES, FileEntry, Manifest, dump_manifest, summary
from shared.store.names import MANIFEST, is_document
from shared.store.verify import Verifier, refuse_unsafe, regular_files, sha256_of


def describe_files(folder: Path) -> dict[str, FileEntry]:
    """Return the fingerprints of a model folder's files; raises ModelCorrupt for links and for unsafe contents."""
    described = {}
    for name, status in regular_files(folder).items():
        if name != MANIFEST and not is_document(name):
            refuse_unsafe(folder / name)
            described[name] = FileEntry(sha256=sha256_of(folder / name), size_bytes=status.st_size)
    return described


def seal(folder: Path, name: str, version: str, facts: dict[str, Json]) -> Manifest:
    """Write manifest.json into a folder from `facts` and the files there: the last act of every training's export.

    `facts` holds the members of Manifest but name, version and files. Raises InvalidInput, ModelCorrupt.
    """
    manifest = _complete(folder, name, version, facts)
    FolderObjects(folder).put(MANIFEST, dump_manifest(manifest))
    return manifest


def put_model(
    objects: ObjectStore, folder: Path, name: str, version: str, facts: Mapping[str, Json] | None = None
) -> Manifest:
    """Write the files, then the manifest; raises AlreadyExists, InvalidInput, ModelCorrupt.

    Without `facts`, the folder's own manifest.json holds them.
    """
    manifest = _complete(folder, name, version, read_facts(folder) if facts is None else facts)
    if objects.exists(f"{name}/{version}/{MANIFEST}"):
        raise AlreadyExists(f"Model {name} has a version {version} already; versions never change.")
    documents = [file for file in regular_files(folder) if is_document(file)]
    for file in [*manifest.files, *documents]:
        _put_file(objects, f"{name}/{version}/{file}", folder / file)
    objects.put(f"{name}/{version}/{MANIFEST}", dump_manifest(manifest), if_absent=True)
    return manifest


def read_facts(folder: Path) -> dict[str, Json]:
    """Return what a folder's own manifest.json says; raises NotFound, InvalidInput."""
    try:
        facts = json.loads(FolderObjects(folder).get(MANIFEST, limit_bytes=MAX_MANIFEST_BYTES))
    except ValueError as error:
        raise InvalidInput(f"{MANIFEST} is not JSON.") from error
    if not isinstance(facts, dict):
        raise InvalidInput(f"{MANIFEST} holds no object.")
    return facts


def _complete(folder: Path, name: str, version: str, facts: Mapping[str, Json]) -> Manifest:
    described = {file: entry.model_dump() for file, entry in describe_files(folder).items()}
    members = {"name": name, "version": version, "files": described, **facts}
    try:
        manifest = Manifest.model_validate_json(json.dumps(members))
    except ValidationError as error:
        raise InvalidInput(f"The manifest is wrong: {summary(error)}") from error
    if (manifest.name, manifest.version) != (name, version):
        raise InvalidInput(f"The manifest is that of {manifest.name} {manifest.version}.")
    Verifier().verify(folder, manifest)
    return manifest


def _put_file(objects: ObjectStore, key: str, path: Path) -> None:
    try:
        objects.put(key, path, if_absent=True)
    except AlreadyExists as taken:
        with objects.open(key) as chunks:
            digest = hashlib.sha256()
            for chunk in chunks:
                digest.update(chunk)
        # The same bytes: a publication that broke off is being repeated.
        if digest.hexdigest() != sha256_of(path):
            raise AlreadyExists("This version was begun with other files; use another version.") from taken
