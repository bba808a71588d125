"""A local cache of a remote store's models, shared by the processes of one machine."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from shared.objects import ObjectStore
from shared.objects.atomic import WRITING, reported, sync_folder
from shared.problems import ModelCorrupt, NotFound, TooLarge, Unavailable
from shared.store.manifest import Manifest, dump_manifest
from shared.store.names import MANIFEST
from shared.store.verify import Verifier

_ATTEMPTS = 2


class Cache:
    """Verified copies under FOLDER/NAME/VERSION; such a folder is always whole, since it appears by a rename."""

    def __init__(self, objects: ObjectStore, folder: Path, verifier: Verifier, lock_timeout_seconds: float) -> None:
        self._objects = objects
        self._folder = folder
        self._verifier = verifier
        self._lock_timeout_seconds = lock_timeout_seconds

    def fetch(self, manifest: Manifest) -> Path:
        """Return the folder of a verified copy, fetched if need be; raises ModelCorrupt, StorageFull, Unavailable."""
        place = Path(manifest.name, manifest.version)
        if not self._is_whole(manifest):
            with reported(WRITING), self._locked(place):
                # Another process may have fetched it while we waited.
                if not self._is_whole(manifest):
                    self._replace(manifest)
        return self._folder / place

    def _is_whole(self, manifest: Manifest) -> bool:
        try:
            self._verifier.verify(self._folder / manifest.name / manifest.version, manifest)
        except ModelCorrupt:
            return False
        return True

    @contextmanager
    def _locked(self, place: Path) -> Iterator[None]:
        lock = self._folder / ".locks" / f"{place}.lock"
        lock.parent.mkdir(parents=True, exist_ok=True)
        try:
            # The kernel frees the lock of a process that dies. The file stays, so that all lock the same one.
            with FileLock(lock, timeout=self._lock_timeout_seconds, preserve_lock_file=True, fallback_to_soft=False):
                yield
        except Timeout as error:
            raise Unavailable("Another process is still fetching this model.", retry_after_seconds=30) from error

    def _replace(self, manifest: Manifest) -> None:
        partial = self._folder / ".partial" / manifest.name / manifest.version
        target = self._folder / manifest.name / manifest.version
        try:
            self._download_twice_at_most(partial, manifest)
            shutil.rmtree(target, ignore_errors=True)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.rename(partial, target)
            sync_folder(target.parent)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _download_twice_at_most(self, partial: Path, manifest: Manifest) -> None:
        for attempt in range(_ATTEMPTS):
            # A process that was killed may have left a part here; whoever has the lock may clear it.
            shutil.rmtree(partial, ignore_errors=True)
            try:
                self._download(partial, manifest)
                return
            except ModelCorrupt:
                if attempt == _ATTEMPTS - 1:
                    raise

    def _download(self, partial: Path, manifest: Manifest) -> None:
        partial.mkdir(parents=True)
        for name, entry in manifest.files.items():
            path = partial / name
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._objects.download_to(
                    f"{manifest.name}/{manifest.version}/{name}", path, limit_bytes=entry.size_bytes
                )
            except (NotFound, TooLarge) as fault:
                raise ModelCorrupt(f"Model {manifest.name} {manifest.version}: {name}: {fault.detail}") from fault
        (partial / MANIFEST).write_bytes(dump_manifest(manifest))
        sync_folder(partial)
        self._verifier.verify(partial, manifest)
