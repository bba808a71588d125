"""What callers keep under names of their own choice: JSON documents, each there whole or not at all.

Each is one object, `owned/CALLER/COLLECTION/=NAME`; every call sees one caller's only, and blocks.
"""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import orjson

from shared.objects import ObjectInfo, ObjectStore
from shared.problems import NotFound

_ROOT = "owned/"
_MARK = "="
"""Before each name, so that none has a meaning to a file system."""
_READS_AT_ONCE = 16
_MOST_BYTES = 4 << 20

Document = dict[str, Any]


class Owned:
    """One collection, of all callers. Each call raises Unavailable when the storage fails, and InvalidInput for a name
    that is none."""

    def __init__(self, objects: ObjectStore, collection: str) -> None:
        self._objects = objects
        self._collection = collection

    def add(self, caller: str, name: str, document: Document) -> None:
        """Keep a new one. Raises AlreadyExists, StorageFull."""
        self._objects.put(self._key(caller, name), orjson.dumps(document), if_absent=True)

    def put(self, caller: str, name: str, document: Document) -> None:
        """Keep one, in place of what was there. Raises StorageFull."""
        self._objects.put(self._key(caller, name), orjson.dumps(document))

    def get(self, caller: str, name: str) -> Document:
        """Return one. Raises NotFound."""
        return _read(self._objects, self._key(caller, name))

    def find(self, caller: str, name: str) -> Document | None:
        """Return one; None where there is none."""
        try:
            return self.get(caller, name)
        except NotFound:
            return None

    def names(self, caller: str) -> dict[str, datetime]:
        """Return when each was kept, by name, in the order of names; none is read."""
        folder = self._key(caller, "")
        return {info.key.removeprefix(folder): info.modified for info in self._objects.list(folder)}

    def several(self, caller: str, names: Iterable[str]) -> Iterator[tuple[str, Document]]:
        """Return those of that name that are there still, each with its name, in that order."""
        wanted = list(names)
        with ThreadPoolExecutor(_READS_AT_ONCE) as pool:
            found = pool.map(lambda name: self.find(caller, name), wanted)
            return iter([(name, one) for name, one in zip(wanted, found, strict=True) if one is not None])

    def delete(self, caller: str, name: str) -> None:
        """Remove one; one that is not there is no error."""
        self._objects.delete(self._key(caller, name))

    def _key(self, caller: str, name: str) -> str:
        return f"{_ROOT}{caller}/{self._collection}/{_MARK}{name}"


def forget(objects: ObjectStore, caller: str, until: datetime) -> None:
    """Remove all that a caller had kept until a moment, of all collections."""
    _remove(objects, (info for info in objects.list(f"{_ROOT}{caller}/") if info.modified <= until))


def expire(objects: ObjectStore, collections: Collection[str], before: datetime) -> None:
    """Remove what all callers had kept before a moment in some collections."""
    inside = (info for info in objects.list(_ROOT) if info.key.split("/")[2] in collections)
    _remove(objects, (info for info in inside if info.modified < before))


def _remove(objects: ObjectStore, found: Iterable[ObjectInfo]) -> None:
    for info in list(found):
        objects.delete(info.key)


def _read(objects: ObjectStore, key: str) -> Document:
    document: Document = orjson.loads(objects.get(key, limit_bytes=_MOST_BYTES))
    return document
