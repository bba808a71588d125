"""Addresses of a caller's choice, which may lead out into the public internet and never into the house."""

import ipaddress
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from shared.problems import InvalidInput

_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REFUSED = "The address is not in the public internet."

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


@asynccontextmanager
async def public_session(
    timeout: aiohttp.ClientTimeout, *, inside: bool = False
) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a session that knows no proxies and, but for `inside`, resolves names to public addresses only.

    It resolves no address that is written as a number: before each request `require_name_or_public` is to be asked.
    """
    connector = aiohttp.TCPConnector(resolver=None if inside else PublicResolver(), use_dns_cache=False)
    plain: dict[str, Any] = {"trust_env": False, "auto_decompress": False}  # what is packed may be of any size
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, **plain) as session:
        yield session


def require_name_or_public(url: str) -> None:
    """Check an address that is written as a number: no name is resolved then. Raises InvalidInput."""
    try:
        address = ipaddress.ip_address((URL(url).host or "").partition("%")[0])
    except ValueError:
        return
    require_public(str(address))


def require_public(address: str) -> None:
    """Raise InvalidInput for an address inside the house: private, link-local, loopback, multicast, reserved."""
    found = _reached(ipaddress.ip_address(address.partition("%")[0]))
    routed = found.version == 4 or found in _UNICAST  # is_global misses some, such as fec0::/10
    if not (routed and found.is_global) or found.is_multicast:
        raise InvalidInput(_REFUSED)


def _reached(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, where it does: what is reached in the end."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    translated = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or translated or address
