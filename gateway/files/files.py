"""The files of all callers, in the object store. Each call sees one caller's files only.

A file is two objects below `files/CALLER/ID/`: `content`, its bytes, and `file.json`, what is known of it. That is
written last and removed first, so that a file is there only when it is whole.
"""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import BinaryIO

from pydantic import ValidationError

from gateway.files.names import time_of
from gateway.files.schemas import FILE_ID, FilePage, Order, StoredFile
from shared.objects import ObjectInfo, ObjectStore
from shared.problems import NotFound, Problem, TooLarge

_FOLDER = re.compile(rf"files/[^/]+/{FILE_ID}")
_CONTENT, _DESCRIPTION = "content", "file.json"
_READS_AT_ONCE = 16
_MOST_DESCRIPTION_BYTES = 65_536
_UNFINISHED = timedelta(days=1)
"""Bytes without a description are of an upload that goes on, or was broken off; by then it is the latter."""


class Files:
    """Keeps files. All calls block; each raises Unavailable when the storage fails."""

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def add(self, caller: str, file: StoredFile, content: BinaryIO) -> None:
        """Store a file; if that fails nothing of it is left. Raises StorageFull."""
        folder = _folder(caller, file.id)
        try:
            self._objects.put(f"{folder}/{_CONTENT}", content)
            self._objects.put(f"{folder}/{_DESCRIPTION}", file.model_dump_json().encode())
        except Problem:
            with suppress(Problem):  # what cannot be removed now expires
                self._remove(folder)
            raise

    def find(self, caller: str, file_id: str) -> StoredFile:
        """Return what is known of a file. Raises NotFound, also for another caller's and for one that has expired."""
        found = self._described(_folder(caller, file_id))
        if found is None or found.expires_at <= _now():
            raise NotFound("There is no file of that id.")
        return found

    def content_key(self, caller: str, file_id: str) -> str:
        """Return the key of the file's bytes. Raises NotFound for what is no id of a file."""
        return f"{_folder(caller, file_id)}/{_CONTENT}"

    def page(self, caller: str, after: str | None, limit: int, order: Order, purpose: str | None) -> FilePage:
        """Return `limit` of the caller's files by time, those behind `after`."""
        folders = [folder for folder, parts in self._folders(f"files/{caller}/") if _DESCRIPTION in parts]
        if order == "desc":
            folders.reverse()
        if after is not None:
            last = _folder(caller, after)
            folders = [folder for folder in folders if (folder > last if order == "asc" else folder < last)]
        wanted = (file for _, file in self._descriptions(folders) if file and _fits(file, purpose))
        found = list(islice(wanted, limit + 1))
        data, has_more = found[:limit], len(found) > limit
        first, last_id = (data[0].id, data[-1].id) if data else (None, None)
        return FilePage(data=data, first_id=first, last_id=last_id, has_more=has_more)

    def sizes_bytes(self, caller: str) -> dict[str, int]:
        """Return how many bytes each of the caller's files holds, by id."""
        found = self._folders(f"files/{caller}/")
        return {
            folder.rpartition("/")[2]: parts[_CONTENT].size_bytes
            for folder, parts in found
            if parts.keys() >= {_CONTENT, _DESCRIPTION}
        }

    def delete(self, caller: str, file_id: str) -> None:
        """Remove a file. Raises NotFound."""
        self.find(caller, file_id)
        self._remove(_folder(caller, file_id))

    def forget(self, caller: str, until: datetime | None = None) -> int:
        """Remove all files of a caller, or those uploaded until a moment; return how many."""
        folders = [folder for folder, _ in self._folders(f"files/{caller}/") if until is None or _made(folder) <= until]
        for folder in folders:
            self._remove(folder)
        return len(folders)

    def expire(self, before: datetime) -> int:
        """Remove all callers' files that expire before a moment, and what broken uploads left; return how many."""
        count = 0
        for folder, file in self._descriptions(folder for folder, _ in self._folders("files/")):
            over = datetime.fromtimestamp(file.expires_at, UTC) if file else _made(folder) + _UNFINISHED
            if over < before:
                self._remove(folder)
                count += 1
        return count

    def _folders(self, prefix: str) -> Iterator[tuple[str, dict[str, ObjectInfo]]]:
        """Yield each file's folder, in the order of their names, and the objects in it by name."""
        for folder, found in groupby(self._objects.list(prefix), lambda one: one.key.rpartition("/")[0]):
            if _FOLDER.fullmatch(folder):
                yield folder, {one.key.rpartition("/")[2]: one for one in found}

    def _descriptions(self, folders: Iterable[str]) -> Iterator[tuple[str, StoredFile | None]]:
        """Yield each folder with what is known of its file; several are read at once, and not many ahead."""
        rest = iter(folders)
        with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
            while some := list(islice(rest, _READS_AT_ONCE)):
                yield from zip(some, pool.map(self._described, some), strict=True)

    def _described(self, folder: str) -> StoredFile | None:
        """Return what is known of a file; None where there is none, or what is there was not written here."""
        with suppress(NotFound, TooLarge, ValidationError):
            written = self._objects.get(f"{folder}/{_DESCRIPTION}", limit_bytes=_MOST_DESCRIPTION_BYTES)
            return StoredFile.model_validate_json(written)
        return None

    def _remove(self, folder: str) -> None:
        self._objects.delete(f"{folder}/{_DESCRIPTION}")
        self._objects.delete(f"{folder}/{_CONTENT}")


def _folder(caller: str, file_id: str) -> str:
    if not re.fullmatch(FILE_ID, file_id):
        raise NotFound("There is no file of that id.")
    return f"files/{caller}/{file_id}"


def _made(folder: str) -> datetime:
    return datetime.fromtimestamp(time_of(folder.rpartition("/")[2]) / 1000, UTC)


def _fits(file: StoredFile, purpose: str | None) -> bool:
    return purpose in (None, file.purpose) and file.expires_at > _now()


def _now() -> float:
    return datetime.now(UTC).timestamp()
