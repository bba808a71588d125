"""Bring a model of the catalogue into a store: fetched, checked, and only then seen by anybody."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.objects.atomic import WRITING, reported
from shared.problems import InvalidInput, Json, ModelCorrupt
from shared.progress import Progress
from shared.store.catalogue import MAX_MODEL_BYTES, CatalogueModel
from shared.store.download import Download, Report
from shared.store.manifest import Manifest
from shared.store.part import Part
from shared.store.staging import staging
from shared.store.store import ModelStore
from shared.store.unpack import unpack
from shared.store.verify import sha256_of

Sums = Mapping[str, str | None]
"""The sha256 of each file; None takes whatever comes."""


def pinned(model: CatalogueModel, given: Mapping[str, str], *, takes_unknown: bool) -> Sums:
    """Return what each file has to be: as the catalogue says, else as given.

    Raises InvalidInput where neither knows, unless `takes_unknown`, and where they contradict each other.
    """
    known = {name: file.sha256 for name, file in model.files.items()}
    for name, given_sum in given.items():
        if known.get(name, "no file") not in {None, given_sum}:
            raise InvalidInput(f"{name[:80]!a} of {model.name} is no file, or has another sha256, in the catalogue.")
    sums = {name: known[name] or given.get(name) for name in known}
    unknown = [name for name, found in sums.items() if found is None]
    if unknown and not takes_unknown:
        raise InvalidInput(
            f"The catalogue has no sha256 of {' and '.join(unknown)}, so nobody could tell whether the right thing "
            "comes. If you know it: --sha256 FILE=SUM. To take what comes, and pin its sum from then on: --unpinned."
        )
    return sums


@dataclass(frozen=True)
class Pull:
    """One model on its way into the store."""

    store: ModelStore
    model: CatalogueModel
    sums: Sums
    downloads: Path
    progress: Progress
    pause_seconds: float = 0.5

    def run(self) -> tuple[Manifest, Mapping[str, str]]:
        """Fetch what is missing and publish it; return its manifest, and the sums of what was fetched.

        Raises Conflict while another process does the same, ModelCorrupt for a wrong size or sum, AlreadyExists,
        InvalidInput, NotFound, TooLarge, StorageFull, Unavailable. What came until then is gone on with next time.
        """
        with reported(WRITING), staging(self.downloads, self.model.name, self.model.version):
            found = {name: self._fetch(name) for name in self.model.files}
            self.progress.end()
            manifest = self._publish(found)
            shutil.rmtree(self._folder, ignore_errors=True)
        return manifest, found

    @property
    def _folder(self) -> Path:
        return self.downloads / self.model.name / self.model.version

    @property
    def _files(self) -> Path:
        return self._folder / "files"

    def _fetch(self, name: str) -> str:
        """Complete one file; return its sha256."""
        part, file = Part(self._files / name, self._folder / "states" / name), self.model.files[name]
        for path in (part.path, part.note):
            path.parent.mkdir(parents=True, exist_ok=True)
        address, limit_bytes = self.model.address + name, file.size_bytes or MAX_MODEL_BYTES
        Download(address, part, file.size_bytes, limit_bytes, self._reporter(name), self.pause_seconds).finish()
        found = sha256_of(part.path)
        if found != (self.sums[name] or found):
            part.remove()
            raise ModelCorrupt(f"The sha256 of {name} is not that of the catalogue, but {found}; it was thrown away.")
        return found

    def _publish(self, found: Mapping[str, str]) -> Manifest:
        name, version, facts = self.model.name, self.model.version, self.model.facts()
        if not self.model.is_archive:
            return self.store.publish(self._files, name, version, {**facts, "files": self._entries(found)})
        unpacked = self._folder / "unpacked"
        shutil.rmtree(unpacked, ignore_errors=True)
        unpacked.mkdir()
        return self.store.publish(unpack(self._files / next(iter(found)), unpacked), name, version, facts)

    def _entries(self, found: Mapping[str, str]) -> dict[str, Json]:
        return {
            name: {"sha256": sha256, "size_bytes": (self._files / name).stat().st_size}
            for name, sha256 in found.items()
        }

    def _reporter(self, name: str) -> Report:
        def report(done_bytes: int, total_bytes: int | None) -> None:
            self.progress.show(done_bytes / total_bytes if total_bytes else 0.0, name)

        return report
