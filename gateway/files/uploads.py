"""How an upload becomes a file that is kept: named, dated, and within what its caller may keep."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from gateway.files.files import Files, Usage
from gateway.files.names import new_id, only_name
from gateway.files.schemas import StoredFile, Upload
from shared.problems import InvalidInput, StorageFull


class Quota:
    """How many files one key may keep, and how many bytes in them. What is just being stored counts too."""

    def __init__(self, most: Usage) -> None:
        self._most = most
        self._coming: defaultdict[str, list[int]] = defaultdict(list)
        self._lock = Lock()

    @contextmanager
    def held(self, caller: str, size_bytes: int, files: Files) -> Iterator[None]:
        """Hold room for one more file while the block stores it. Raises StorageFull if that is too much."""
        with self._lock:
            coming = self._coming[caller]
            coming.append(size_bytes)
            together = Usage(len(coming), sum(coming))
        try:
            # Only now: a file that ends meanwhile is then counted twice, but never not at all.
            self._require(files.usage(caller), together)
            yield
        finally:
            with self._lock:
                coming.remove(size_bytes)
                if not coming:
                    self._coming.pop(caller, None)

    def _require(self, stored: Usage, coming: Usage) -> None:
        if stored.files + coming.files > self._most.files:
            raise StorageFull(f"One key keeps at most {self._most.files} files; delete some.", limit=self._most.files)
        if stored.bytes + coming.bytes > self._most.bytes:
            limit = f"The files of one key hold at most {self._most.bytes} bytes; delete some."
            raise StorageFull(limit, limit=self._most.bytes)


@dataclass(frozen=True, slots=True)
class Uploads:
    """Takes uploads."""

    files: Files
    quota: Quota
    retention: timedelta

    def take(self, caller: str, upload: Upload) -> StoredFile:
        """Keep an upload; blocks. Raises InvalidInput for an empty one, StorageFull, Unavailable."""
        size_bytes = upload.file.size or 0
        if not size_bytes:
            raise InvalidInput("The file is empty.", param="file")
        file = self._described(upload, size_bytes)
        with self.quota.held(caller, size_bytes, self.files):
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
