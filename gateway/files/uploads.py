"""How an upload becomes a file that is kept: named, dated, and within what its caller may keep."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from anyio import CapacityLimiter, to_thread

from gateway.files.files import Files
from gateway.files.names import new_id, only_name
from gateway.files.schemas import StoredFile, Upload
from shared.problems import InvalidInput, StorageFull

_STORED_AT_ONCE = 8


class Quota:
    """How many files one key may keep, and how many bytes in them. What is just being stored counts too."""

    def __init__(self, most_files: int, most_bytes: int) -> None:
        self._most_files = most_files
        self._most_bytes = most_bytes
        self._coming: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._lock = Lock()

    @contextmanager
    def held(self, caller: str, file: StoredFile, files: Files) -> Iterator[None]:
        """Hold room for one more file while the block stores it. Raises StorageFull if that is too much."""
        with self._lock:
            self._coming[caller][file.id] = file.bytes
            coming = dict(self._coming[caller])
        try:
            # Looked up only now: what ends meanwhile stands in both, or in the first, and counts once.
            self._require(coming | files.sizes_bytes(caller))
            yield
        finally:
            with self._lock:
                del self._coming[caller][file.id]
                if not self._coming[caller]:
                    del self._coming[caller]

    def _require(self, sizes_bytes: dict[str, int]) -> None:
        if len(sizes_bytes) > self._most_files:
            raise StorageFull(f"One key keeps at most {self._most_files} files; delete some.", limit=self._most_files)
        if sum(sizes_bytes.values()) > self._most_bytes:
            limit = f"The files of one key hold at most {self._most_bytes} bytes; delete some."
            raise StorageFull(limit, limit=self._most_bytes)


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes uploads."""

    files: Files
    quota: Quota
    retention: timedelta
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_STORED_AT_ONCE))
    """Threads of their own, so that many uploads to a slow storage keep no other call waiting."""

    async def take(self, caller: str, upload: Upload) -> StoredFile:
        """Keep an upload. Raises as `keep` does."""
        return await to_thread.run_sync(self.keep, caller, upload, limiter=self.threads)

    def keep(self, caller: str, upload: Upload) -> StoredFile:
        """Keep an upload; blocks. Raises InvalidInput for an empty one, StorageFull, Unavailable."""
        size_bytes = upload.file.size or 0
        if not size_bytes:
            raise InvalidInput("The file is empty.", param="file")
        file = self._described(upload, size_bytes)
        with self.quota.held(caller, file, self.files):
            self.files.add(caller, file, upload.file.file)
        return file

    def _described(self, upload: Upload, size_bytes: int) -> StoredFile:
        now_milliseconds = time.time_ns() // 1_000_000
        longest_seconds = int(self.retention.total_seconds())
        lifetime_seconds = min(upload.expires_after_seconds or longest_seconds, longest_seconds)
        return StoredFile(
            id=new_id(now_milliseconds),
            bytes=size_bytes,
            created_at=now_milliseconds // 1000,
            expires_at=now_milliseconds // 1000 + lifetime_seconds,
            filename=only_name(upload.file.filename),
            purpose=upload.purpose,
        )
