"""Recordings and other files that callers name by an address: in a bucket or folder that is allowed, or in the web."""

import asyncio
from urllib.parse import urljoin

import aiohttp

from gateway.media_addresses import WEB, checked_web
from gateway.places import place_at, require_place
from gateway.public_internet import public_session, require_name_or_public
from gateway.settings import GatewaySettings
from shared.problems import Forbidden, InvalidInput, NotFound, TooLarge, Unavailable

_TIMEOUT = aiohttp.ClientTimeout(total=600, connect=10, sock_read=30)
_MOST_REDIRECTS = 5
_PASSING_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})


def require_reachable(url: str, settings: GatewaySettings) -> None:
    """Raise Forbidden or InvalidInput for an address that no job may go to, as far as it tells so by itself."""
    if not url.startswith(WEB):
        require_place(url, settings, "media_locations")
    elif not settings.media_inside:
        _require_outside(url)


async def fetched(url: str, settings: GatewaySettings, most_bytes: int) -> bytes:
    """Return what lies there.

    Raises what `require_reachable` does, NotFound, TooLarge, Unavailable, InvalidInput for any other answer.
    """
    if url.startswith(WEB):
        return await _from_web(url, settings, most_bytes)
    place = await asyncio.to_thread(place_at, url, settings, "media_locations")
    return await asyncio.to_thread(place.objects.get, place.key, limit_bytes=most_bytes)


async def _from_web(url: str, settings: GatewaySettings, most_bytes: int) -> bytes:
    """Follow a few redirects, each of which is looked at as the first address was."""
    async with public_session(_TIMEOUT, inside=settings.media_inside) as session:
        for _ in range(_MOST_REDIRECTS + 1):
            require_reachable(url, settings)
            try:
                async with session.get(url, allow_redirects=False) as answer:
                    if not answer.headers.get("Location", "") or answer.status not in range(300, 400):
                        return await _content(answer, most_bytes)
                    url = checked_web(urljoin(url, answer.headers["Location"]))
            except (aiohttp.InvalidURL, UnicodeError) as error:
                raise InvalidInput("The address of the media cannot be read.") from error
            except (aiohttp.ClientError, TimeoutError) as error:
                raise Unavailable("The address of the media cannot be reached.") from error
    raise InvalidInput("The address of the media leads on and on.")


async def _content(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    _require_good(answer.status)
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > most_bytes:
            raise TooLarge(f"The media have more than the allowed {most_bytes} bytes.", limit=most_bytes)
    return bytes(content)


def _require_good(status: int) -> None:
    if status in (401, 403):
        raise Forbidden(f"The address of the media answers {status}: it needs a signature, or that has expired.")
    if status in (404, 410):
        raise NotFound(f"The address of the media answers {status}.")
    if status in _PASSING_STATUSES:
        raise Unavailable(f"The address of the media answers {status}.")
    if status != 200:
        raise InvalidInput(f"The address of the media answers {status}.")


def _require_outside(url: str) -> None:
    if not url.startswith("https://"):
        raise InvalidInput("Media are fetched by https, and not by http.")
    require_name_or_public(url)
