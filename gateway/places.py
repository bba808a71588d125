"""Objects in buckets and folders of others: where jobs read what they are given, and write what is wanted there."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from gateway.locations import canonical, require_allowed
from gateway.settings import GatewaySettings
from shared.objects import ObjectStore, open_objects
from shared.objects.location import s3_place
from shared.problems import Forbidden, InvalidInput

Use = Literal["media_locations", "output_locations"]
"""The setting that tells which places there are: one for what is read, one for what is written."""

_S3 = "s3://"


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
        return Place(open_objects(_S3 + bucket), key)
    path = PurePosixPath(place)
    return Place(open_objects(str(path.parent)), path.name)


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
