"""What every object store can do."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from shared.objects.atomic import atomic_write, opened_folder
from shared.objects.keys import fault_of
from shared.problems import NotFound, TooLarge

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class ObjectInfo:
    """One object as listed; `etag` changes whenever the contents are written anew; `modified` is in UTC."""

    key: str
    size_bytes: int
    etag: str
    modified: datetime


@dataclass(frozen=True)
class LeftOut:
    """What lies in the storage and cannot be asked for: `name` as others chose it, and why."""

    name: str
    why: str


Hear = Callable[[LeftOut], None]


def ignore(_: LeftOut) -> None:
    """Take no notice of what a listing leaves out."""


class ObjectStore(Protocol):
    """Blobs under keys. All calls block (use a thread in async code) and may be made from several threads.

    Every call raises InvalidInput for a key that `check_key` refuses, Unavailable when the storage cannot be reached
    or fails, and, where it reads, NotFound for a key that is not there.
    """

    @abstractmethod
    def open(self, key: str) -> AbstractContextManager[Iterator[bytes]]:
        """Open an object as an iterator of chunks; NotFound is raised on entering, not later."""

    @abstractmethod
    def start(self, key: str, most_bytes: int) -> bytes:
        """Return the first bytes of an object, all of one that has fewer."""

    @abstractmethod
    def put(
        self, key: str, data: bytes | Path | BinaryIO, *, if_absent: bool = False, if_match: str | None = None
    ) -> str:
        """Write an object whole or not at all, and return its etag.

        The contents are bytes, a file, or an open file, which is read from its beginning and left open.
        With `if_absent` an object that is there is kept and AlreadyExists is raised; with `if_match` only the object of
        that etag is replaced, else Conflict is raised. Raises StorageFull.
        """

    @abstractmethod
    def head(self, key: str) -> ObjectInfo:
        """Return what is known of an object."""

    @abstractmethod
    def list(self, prefix: str = "", left_out: Hear = ignore) -> Iterator[ObjectInfo]:
        """Return all objects whose key begins with `prefix`, in the order of their keys; pages are fetched lazily.

        What could not be asked for by `check_key` is left out, and `left_out` hears of it on the way.
        """

    @abstractmethod
    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove an object; one that is not there is no error. With `if_match` Conflict is raised for another etag."""

    @abstractmethod
    def move(self, key: str, target: str, *, if_match: str, if_absent: bool = False) -> None:
        """Give the object of that etag another key, in place of what is there; it is never gone from both.

        Raises Conflict, and leaves it where it is, where it was written anew meanwhile; with `if_absent`, AlreadyExists
        where another object has the other key. A move that was cut short can be done again.
        """

    @abstractmethod
    def address(self, key: str) -> str:
        """Return where others find an object: an address of the storage's own, for who may ask it."""

    def fault_of(self, key: str) -> str:
        """Return what every call would say against a key, empty where there is nothing to say."""
        return fault_of(key)

    def delete_all(self, prefix: str) -> None:
        """Remove all objects whose key begins with `prefix`."""
        for found in list(self.list(prefix)):  # whole first: no page of a listing moves under what is deleted
            self.delete(found.key)

    def find(self, key: str) -> ObjectInfo | None:
        """Return what is known of an object; None where there is none."""
        try:
            return self.head(key)
        except NotFound:
            return None

    def exists(self, key: str) -> bool:
        """Tell whether there is an object under `key`."""
        return self.find(key) is not None

    def get(self, key: str, *, limit_bytes: int | None = None) -> bytes:
        """Return the contents; raises TooLarge past `limit_bytes`."""
        with self.open(key) as chunks:
            return b"".join(limited(chunks, limit_bytes))

    def download_to(self, key: str, path: Path, *, limit_bytes: int | None = None) -> None:
        """Write the contents to the file `path`, which appears whole or not at all; its folder must exist.

        Raises TooLarge past `limit_bytes`, StorageFull when there is no room.
        """
        with (
            self.open(key) as chunks,
            opened_folder(path.parent) as folder,
            atomic_write(folder, path.name) as stream,
        ):
            for chunk in limited(chunks, limit_bytes):
                stream.write(chunk)


def limited(chunks: Iterator[bytes], limit_bytes: int | None) -> Iterator[bytes]:
    """Pass chunks on; raise TooLarge as soon as they are more than `limit_bytes` together."""
    received_bytes = 0
    for chunk in chunks:
        received_bytes += len(chunk)
        if limit_bytes is not None and received_bytes > limit_bytes:
            raise TooLarge(f"The object has more than the allowed {limit_bytes} bytes.")
        yield chunk
