"""Buckets and folders that callers may name: those that the operator allows, and what is inside them."""

import os
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from shared.objects.keys import check_key
from shared.objects.location import s3_place
from shared.problems import Forbidden, InvalidInput

_S3 = "s3://"


def canonical(location: str) -> str:
    """Return the one spelling of "s3://bucket/prefix" or of an absolute path. Raises InvalidInput."""
    if location.startswith(_S3):
        return _S3 + "/".join(filter(None, s3_place(location)))
    if not location.startswith("/"):
        raise InvalidInput("A location is s3://bucket/prefix or the absolute path of a folder.")
    return "/" + check_key(location.strip("/"))


def told_at(member: str, location: str) -> str:
    """Return the one spelling of what stands in a member of a job's input. Raises InvalidInput that names it."""
    try:
        return canonical(location)
    except InvalidInput as problem:
        problem.param = f"input.{member}"
        raise


def _told(location: str, info: ValidationInfo) -> str:
    return told_at(str(info.field_name), location)


def _begun(location: str, info: ValidationInfo) -> str:
    return _told(location, info) + ("/" if location.endswith("/") else "")


Location = Annotated[str, AfterValidator(_told)]
"""A member of a job's input, in its one spelling."""
Beginning = Annotated[str, AfterValidator(_begun)]
"""The same, of what the names of several objects begin with; "/" at its end tells a folder from what is beside it."""


def require_allowed(location: str, allowed: Iterable[str]) -> str:
    """Return where a location really lies, which is what to work with: a link may be changed at any time.

    Raises Forbidden for one that is none of those allowed, nor inside one. All are canonical.
    """
    place = real(location)
    if not is_inside(place, map(real, allowed)):
        raise Forbidden("This Timbre allows no jobs there; its operator says where.", param="input.url")
    return place


def is_inside(place: str, allowed: Iterable[str]) -> bool:
    """Tell whether a place is one of those allowed, or in one; all are where they really lie."""
    return any(f"{place}/".startswith(f"{one}/") for one in allowed)


def real(location: str) -> str:
    """Return where a folder really lies: a link may lead out of what is allowed. Buckets have no links."""
    return location if location.startswith(_S3) else os.path.realpath(location)
