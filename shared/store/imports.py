"""Bring a folder or an archive of somebody's into a store, for those who have no network."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.objects.atomic import WRITING, reported
from shared.problems import InvalidInput, Json, ModelCorrupt, NotFound
from shared.store.catalogue import Catalogue, CatalogueFile, CatalogueModel
from shared.store.manifest import Manifest
from shared.store.names import MANIFEST, is_document
from shared.store.publish import read_facts
from shared.store.staging import staging
from shared.store.store import ModelStore
from shared.store.unpack import unpack
from shared.store.verify import regular_files, sha256_of

_UNSAID: Mapping[str, Json] = {"task": "speech-to-text", "licence": "not stated"}


@dataclass(frozen=True)
class Import:
    """A folder, zip or tar.gz on its way into the store."""

    store: ModelStore
    source: Path
    name: str
    version: str
    given: Mapping[str, Json]
    """Members of the manifest. Those that are missing stand in a manifest.json among the files; or else, where no
    engine is given, in the catalogue under this name and version, whose sums the files then must have."""
    catalogue: Catalogue
    place: Path
    """Folder in which it is unpacked for the while."""

    def run(self) -> Manifest:
        """Publish it; nothing is seen in the store before all of it was found good.

        Raises InvalidInput, ModelCorrupt, AlreadyExists, NotFound, Conflict while another process imports the same,
        TooLarge, StorageFull, Unavailable.
        """
        with (
            reported(WRITING),
            staging(self.place, self.name, self.version) as staged,
            _empty(staged / "files") as files,
        ):
            folder = unpack(self.source, files)
            return self.store.publish(folder, self.name, self.version, {**self._facts(folder), **self.given})

    def _facts(self, folder: Path) -> Mapping[str, Json]:
        if (folder / MANIFEST).exists():
            return read_facts(folder)
        if "engine" in self.given:
            return _UNSAID
        return self._catalogued(folder).facts()

    def _catalogued(self, folder: Path) -> CatalogueModel:
        try:
            model = self.catalogue.find(self.name)
        except NotFound as error:
            raise InvalidInput("The catalogue has no such model; say which engine opens it: --engine.") from error
        if model.version != self.version:
            raise InvalidInput(f"The catalogue has version {model.version}; for another one say --engine.")
        if model.is_archive:
            _refuse_another_archive(model, self.source)
        else:
            _refuse_other_files(model, folder)
        return model


@contextmanager
def _empty(folder: Path) -> Iterator[Path]:
    # A process that was killed may have left something.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _refuse_another_archive(model: CatalogueModel, source: Path) -> None:
    if not source.is_file():
        raise InvalidInput(f"The catalogue knows the archive of {model.name}: import that, or say --engine.")
    _refuse_another(next(iter(model.files.values())), source)


def _refuse_other_files(model: CatalogueModel, folder: Path) -> None:
    present = {name for name in regular_files(folder) if not is_document(name)}
    if present != model.files.keys():
        differing = ", ".join(sorted(present ^ model.files.keys()))
        raise InvalidInput(f"{model.name} has other files in the catalogue ({differing[:200]}): or say --engine.")
    for name, file in model.files.items():
        _refuse_another(file, folder / name)


def _refuse_another(file: CatalogueFile, path: Path) -> None:
    if file.sha256 and sha256_of(path) != file.sha256:
        raise ModelCorrupt(f"{path.name[:80]!a} does not have the sha256 that the catalogue says.")
