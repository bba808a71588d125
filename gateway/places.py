"""Objects in buckets and folders of others: where jobs read what they are given, and write what is wanted there."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import Literal

from gateway.locations import canonical, is_inside, real, require_allowed
from gateway.settings import GatewaySettings
from shared.objects import ObjectStore, open_objects
from shared.objects.base import LeftOut
from shared.objects.location import s3_place
from shared.problems import Forbidden, InvalidInput

Use = Literal["media_locations", "output_locations"]
"""The setting that tells which places there are: one for what is read, one for what is written."""

_S3 = "s3://"
_opened = lru_cache(maxsize=64)(open_objects)
"""AWS's client takes a quarter of a second to make; an operator allows some buckets, and not many."""


@dataclass(frozen=True, slots=True)
class Place:
    """An object that is there, or is to be."""

    objects: ObjectStore
    """The whole bucket, or the folder in which it lies."""
    key: str

    @property
    def address(self) -> str:
        """Return where its owner finds it: for S3 an address of the bucket's server."""
        return self.objects.address(self.key)


def place_at(location: str, settings: GatewaySettings, use: Use) -> Place:
    """Return the place that "s3://bucket/key" or an absolute path names. Raises as `require_place`."""
    place = require_place(location, settings, use)
    if place.startswith(_S3):
        bucket, key = s3_place(place)
        return Place(_opened(_S3 + bucket), key)
    path = PurePosixPath(place)
    return Place(_opened(str(path.parent)), path.name)


@dataclass(frozen=True, slots=True)
class Found:
    """All objects whose names begin alike."""

    objects: ObjectStore
    """The whole bucket or folder."""
    folder: str
    """What of their keys is not told: empty, or with "/" at its end."""
    beginning: str
    """With what their keys begin."""
    root: str
    """The location of the bucket or folder."""
    allowed: tuple[str, ...]

    def files(self) -> Iterator[tuple[str, int | None]]:
        """Yield name and size in bytes of each that is where the operator allows it. Blocks, raises Unavailable.

        Last come those that lie there and cannot be read, as links and what has a name that is no key, without a size.
        """
        left_out: list[LeftOut] = []
        for info in self.objects.list(self.beginning, left_out.append):
            if self._is_allowed(info.key):
                yield info.key.removeprefix(self.folder), info.size_bytes
        yield from ((self._shown(one.name), None) for one in left_out if self._is_allowed(one.name))

    def _shown(self, key: str) -> str:
        """Return a name as text: those in a folder may be any bytes."""
        return key.removeprefix(self.folder).encode("utf-8", "backslashreplace").decode()

    def _is_allowed(self, key: str) -> bool:
        return is_inside(f"{self.root}/{key}", self.allowed)


def found_at(beginning: str, settings: GatewaySettings, use: Use) -> Found:
    """Return all whose names begin as "s3://bucket/prefix" or an absolute path. Raises Forbidden."""
    allowed = tuple(map(real, settings.allowed_locations(use)))
    place = require_allowed(beginning, allowed)
    if place.startswith(_S3):
        bucket, _, key = place.removeprefix(_S3).partition("/")
        root = _S3 + bucket
    else:
        root, key = (place, "") if beginning.endswith("/") else place.rsplit("/", 1)
    folder = key[: key.rfind("/") + 1]
    return Found(_opened(root or "/"), folder, key, root, allowed)


def require_output(location: str, settings: GatewaySettings) -> str:
    """Do `require_place` for what is to be written."""
    return require_place(location, settings, "output_locations")


def require_place(location: str, settings: GatewaySettings, use: Use) -> str:
    """Return where an object really lies, in its one spelling, without asking for it.

    Raises InvalidInput for what names none, Forbidden for one that is not where the operator allows it.
    """
    allowed = settings.allowed_locations(use)
    if not allowed:
        raise Forbidden(f"This Timbre goes into no bucket; its operator allows some with TIMBRE_{use.upper()}.")
    place = require_allowed(canonical(location), allowed)
    if place.startswith(_S3) and not s3_place(place)[1]:
        raise InvalidInput("That names a bucket, and nothing in it.")
    return place
