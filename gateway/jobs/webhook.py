"""Telling an address of a caller's choice that a job has ended: signed, and never a way into the house."""

import hashlib
import hmac
import ipaddress
import socket
import time

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from shared.problems import InvalidInput, Unavailable

_SECONDS = aiohttp.ClientTimeout(total=10, connect=5)
_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REFUSED = "The webhook's address is not in the public internet."

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class PublicResolver(AbstractResolver):
    """Resolves names to public addresses only; the connection goes to just these, whatever the name says later."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        self._resolver = resolver or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Raise InvalidInput if any address of the name is not public."""
        found = await self._resolver.resolve(host, port, family)
        for one in found:
            require_public(one["host"])
        return found

    async def close(self) -> None:
        """Nothing is held."""


def require_public(address: str) -> None:
    """Raise InvalidInput for an address inside the house: private, link-local, loopback, multicast, reserved."""
    found = _reached(ipaddress.ip_address(address.partition("%")[0]))
    routed = found.version == 4 or found in _UNICAST  # is_global misses some, such as fec0::/10
    if not (routed and found.is_global) or found.is_multicast:
        raise InvalidInput(_REFUSED, param="webhook.url")


def _reached(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, where it does: what is reached in the end."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    translated = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or translated or address


def signature(body: bytes, secret: str, now_seconds: int) -> str:
    """Return the value of Timbre-Signature: the time, and HMAC-SHA256 of `TIME.BODY`, as Stripe's webhooks have it."""
    digest = hmac.new(secret.encode(), b"%d.%b" % (now_seconds, body), hashlib.sha256)
    return f"t={now_seconds},v1={digest.hexdigest()}"


async def deliver(url: str, secret: str, body: bytes, *, inside: bool = False) -> None:
    """Post the body; with `inside` also to addresses of the own network.

    Raises InvalidInput for an address that is not allowed, Unavailable for any answer but 2xx, a redirect too.
    """
    if not inside:
        _require_name_or_public(url)
    connector = aiohttp.TCPConnector(resolver=None if inside else PublicResolver(), use_dns_cache=False)
    headers = {"Content-Type": "application/json", "Timbre-Signature": signature(body, secret, int(time.time()))}
    async with aiohttp.ClientSession(connector=connector, timeout=_SECONDS, trust_env=False) as session:
        try:
            async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status  # all that counts: the body is not read, however long or slow it is
        except (aiohttp.InvalidURL, UnicodeError) as error:
            raise InvalidInput("The webhook's address cannot be read.", param="webhook.url") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable("The webhook's address cannot be reached.") from error
    if not 200 <= status < 300:
        raise Unavailable(f"The webhook's address answered {status}.")


def _require_name_or_public(url: str) -> None:
    """Check an address that is written as a number: no name is resolved then."""
    try:
        address = ipaddress.ip_address((URL(url).host or "").partition("%")[0])
    except ValueError:
        return
    require_public(str(address))
