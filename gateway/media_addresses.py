"""Addresses at which callers have recordings and other files: in a bucket, a folder, or the web."""

from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator

from gateway.locations import canonical
from shared.problems import InvalidInput

WEB: Final = ("https://", "http://")


def checked(url: str) -> str:
    """Return an address as it is asked for: of the web, or a location. Raises InvalidInput for what is neither."""
    return checked_web(url) if url.startswith(WEB) else canonical(url)


def checked_web(url: str) -> str:
    """Return an address of the web as it is. Raises InvalidInput for what is none, or holds a password."""
    try:
        parts = urlsplit(url)
        is_sound = bool(parts.hostname) and parts.port != 0 and parts.username is None and url.isprintable()
    except ValueError:
        is_sound = False
    if not is_sound or not url.startswith(WEB):
        raise InvalidInput("The address of the media cannot be read.")
    return url


def _told(url: str) -> str:
    try:
        return checked(url)
    except InvalidInput as problem:
        problem.param = "input.url"
        raise


MediaAddress = Annotated[str, AfterValidator(_told)]
"""The `url` of a job's input."""
