"""Models by name and version: NAME/VERSION/{files..., manifest.json}, and NAME/current, which names the one in use.

`ModelStore` never hands out a model that does not verify. Its calls block: in async code, use a thread.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.objects import ObjectStore, open_objects
from shared.objects.folder import FolderObjects
from shared.problems import Json, ModelCorrupt, ModelNotFound, NotFound, TooLarge
from shared.store.cache import Cache
from shared.store.manifest import MAX_MANIFEST_BYTES, Manifest, parse_manifest
from shared.store.names import MANIFEST, POINTER, check_name, is_name, natural_order
from shared.store.publish import put_model
from shared.store.verify import Verifier

_MAX_POINTER_BYTES = 128
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelInfo:
    """A model as listed: its versions in their natural order, and the one in use (None if the pointer is broken)."""

    name: str
    versions: tuple[str, ...]
    current: str | None


@dataclass(frozen=True)
class LocalModel:
    """A verified model in a local folder."""

    path: Path
    manifest: Manifest

    def file(self, name: str) -> Path:
        """Return the path of a file that stands in the manifest; raises ModelCorrupt for any other."""
        if name not in self.manifest.files:
            raise ModelCorrupt(f"Model {self.manifest.name} {self.manifest.version} has no file {name}.")
        return self.path / name


class ModelStore:
    """The models behind a location ("/folder", "file:///folder" or "s3://bucket/prefix").

    A folder's models are verified and opened where they are; a bucket's are copied to `cache_folder` first, which
    several processes may share.
    """

    def __init__(
        self,
        location: str,
        cache_folder: Path,
        *,
        objects: ObjectStore | None = None,
        lock_timeout_seconds: float = 600,
    ) -> None:
        self._objects = objects or open_objects(location)
        self._verifier = Verifier()
        self._cache = Cache(self._objects, cache_folder, self._verifier, lock_timeout_seconds)

    def list(self) -> tuple[ModelInfo, ...]:
        """Return all models that have a manifest, by name."""
        found: dict[str, list[str]] = {}
        for name, version in self._names():
            found.setdefault(name, []).append(version)
        return tuple(
            ModelInfo(name, tuple(sorted(versions, key=natural_order)), self._current(name, versions))
            for name, versions in found.items()
        )

    def version_in_use(self, name: str) -> str:
        """Return what the pointer says, else the highest version; raises ModelNotFound, ModelCorrupt."""
        return self._pointer(check_name(name, "model")) or self._highest_of(name)

    def manifest(self, name: str, version: str | None = None) -> Manifest:
        """Return a manifest (of the version in use, by default); raises ModelNotFound, ModelCorrupt."""
        version = check_name(version or self.version_in_use(name), "version")
        key = f"{check_name(name, 'model')}/{version}/{MANIFEST}"
        try:
            data = self._objects.get(key, limit_bytes=MAX_MANIFEST_BYTES)
        except TooLarge as error:
            raise ModelCorrupt(f"The manifest of model {name} {version} is too large.") from error
        except NotFound as error:
            raise ModelNotFound(f"There is no version {version} of model {name}.", param="model") from error
        return parse_manifest(data, name, version)

    def manifests(self, task: str | None = None) -> tuple[Manifest, ...]:
        """Return the manifests of all models' versions in use, for one task if given.

        One broken model does not hide the others: it is logged and left out.
        """
        found = []
        for model in self.list():
            try:
                manifest = self.manifest(model.name)
            except (ModelCorrupt, ModelNotFound) as problem:
                _log.error("model left out", extra={"model": model.name}, exc_info=problem)
            else:
                found += [manifest] if task in {None, manifest.task} else []
        return tuple(found)

    def fetch(self, name: str, version: str | None = None) -> LocalModel:
        """Return a verified local model (the version in use, by default).

        Raises ModelNotFound, ModelCorrupt, StorageFull, and Unavailable when the store cannot be reached.
        """
        manifest = self.manifest(name, version)
        if isinstance(self._objects, FolderObjects):
            path = self._objects.root / manifest.name / manifest.version
            self._verifier.verify(path, manifest)
        else:
            path = self._cache.fetch(manifest)
        return LocalModel(path, manifest)

    def fetch_all(self) -> tuple[LocalModel, ...]:
        """Return every version of every model; raises as `fetch` does."""
        return tuple(self.fetch(model.name, version) for model in self.list() for version in model.versions)

    def publish(self, folder: Path, name: str, version: str, facts: Mapping[str, Json] | None = None) -> Manifest:
        """Copy a folder (its files and a manifest.json, in which `files` may be missing) into the store.

        With `facts` (the members of Manifest), the folder needs no manifest.json.
        The manifest is written last, so nobody sees a half-published model. Nothing is overwritten (AlreadyExists),
        but a publication that broke off may be repeated. Raises InvalidInput for a wrong manifest or unsafe files.
        """
        return put_model(self._objects, folder, check_name(name, "model"), check_name(version, "version"), facts)

    def point(self, name: str, version: str) -> None:
        """Make `version` the one in use, at once for new fetches, and for running services at their next look."""
        manifest = self.manifest(name, version)
        self._objects.put(f"{manifest.name}/{POINTER}", f"{manifest.version}\n".encode())

    def _current(self, name: str, versions: Sequence[str]) -> str | None:
        try:
            current = self._pointer(name) or _highest(versions)
        except ModelCorrupt:
            return None
        return current if current in versions else None

    def _pointer(self, name: str) -> str | None:
        try:
            version = self._objects.get(f"{name}/{POINTER}", limit_bytes=_MAX_POINTER_BYTES).decode().strip()
        except NotFound:
            return None
        except (TooLarge, UnicodeDecodeError) as error:
            raise ModelCorrupt(f"The pointer of model {name} names no version.") from error
        if not is_name(version):
            raise ModelCorrupt(f"The pointer of model {name} names no version.")
        return version

    def _highest_of(self, name: str) -> str:
        versions = [version for _, version in self._names(f"{name}/")]
        if not versions:
            raise ModelNotFound(f"There is no model {name}.", param="model")
        return _highest(versions)

    def _names(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        for info in self._objects.list(prefix):
            parts = info.key.split("/")
            if len(parts) == 3 and parts[2] == MANIFEST and is_name(parts[0]) and is_name(parts[1]):
                yield parts[0], parts[1]


def _highest(versions: Sequence[str]) -> str:
    return max(versions, key=natural_order)
