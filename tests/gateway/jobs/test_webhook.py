"""Webhooks: what a receiver gets, and that no address is a way into the house."""

import asyncio
import hashlib
import hmac
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from gateway.jobs import webhook
from gateway.jobs.webhook import deliver, signature
from gateway.public_internet import PublicResolver, require_public
from shared.problems import InvalidInput, Unavailable
from tests.gateway.conftest import served

pytestmark = pytest.mark.anyio

SECRET = "a secret of the caller's own"
BODY = b'{"id":"job_1","state":"succeeded"}'


@dataclass
class Receiver:
    """Takes a webhook and answers as it is told."""

    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.requests.append((request.path_qs, dict(request.headers), await request.read()))
        return await self.answer(request) if self.answer else web.Response(status=204)


@dataclass
class Canary:
    """A server on loopback that nobody may reach."""

    port: int
    hits: int = 0


@pytest.fixture
async def canary() -> AsyncIterator[Canary]:
    """Counts connections, whatever comes over them, at both loopback addresses."""

    async def hit(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.hits += 1
        writer.close()

    async with AsyncExitStack() as servers:
        server = await servers.enter_async_context(await asyncio.start_server(hit, "127.0.0.1", 0))
        found = Canary(server.sockets[0].getsockname()[1])
        with suppress(OSError):  # a machine without IPv6
            await servers.enter_async_context(await asyncio.start_server(hit, "::1", found.port))
        yield found


@asynccontextmanager
async def receiving(receiver: Receiver) -> AsyncIterator[str]:
    async with served(web.route("*", "/{path:.*}", receiver.take)) as url:
        yield url


@dataclass
class Names(AbstractResolver):
    """Resolves every name to `addresses`."""

    addresses: list[str]

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        kind = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            ResolveResult(hostname=host, host=one, port=port, family=kind[":" in one], proto=0, flags=0)
            for one in self.addresses
        ]

    async def close(self) -> None: ...


class TestWhatIsSent:
    async def test_a_receiver_can_verify_it(self) -> None:
        receiver = Receiver()
        async with receiving(receiver) as url:
            await deliver(f"{url}/done?of=mine", SECRET, BODY, inside=True)
        ((path, headers, body),) = receiver.requests
        members = dict(part.split("=", 1) for part in headers["Timbre-Signature"].split(","))
        expected = hmac.new(SECRET.encode(), f"{members['t']}.".encode() + body, hashlib.sha256).hexdigest()
        assert hmac.compare_digest(expected, members["v1"])
        assert abs(int(members["t"]) - time.time()) < 5
        assert (path, body, headers["Content-Type"]) == ("/done?of=mine", BODY, "application/json")

    def test_time_body_and_secret_are_signed(self) -> None:
        known = "b12cae8f0db9d3d7c47e9b81ab46de84afeb161044a1c6fb23057d023b1e2b55"  # printf '7.{}' | openssl dgst ...
        assert signature(b"{}", "s", 7) == f"t=7,v1={known}"
        others = [signature(b"{} ", "s", 7), signature(b"{}", "t", 7), signature(b"{}", "s", 8)]
        assert len({known, *(one.partition("v1=")[2] for one in others)}) == 4

    @pytest.mark.parametrize("status", [200, 201, 204, 299])
    async def test_2xx_is_good(self, status: int) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=status)

        async with receiving(Receiver(answer)) as url:
            await deliver(url, SECRET, BODY, inside=True)

    @pytest.mark.parametrize("status", [300, 400, 401, 404, 410, 500, 503])
    async def test_anything_else_is_tried_again(self, status: int) -> None:
        async def answer(_: web.Request) -> web.Response:
            return web.Response(status=status)

        async with receiving(Receiver(answer)) as url:
            with pytest.raises(Unavailable, match=str(status)):
                await deliver(url, SECRET, BODY, inside=True)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    async def test_redirects_are_not_followed(self, status: int) -> None:
        async def answer(request: web.Request) -> web.Response:
            return web.Response(status=status, headers={"Location": "/elsewhere"})

        receiver = Receiver(answer)
        async with receiving(receiver) as url:
            with pytest.raises(Unavailable):
                await deliver(url, SECRET, BODY, inside=True)
        assert [path for path, _, _ in receiver.requests] == ["/"]

    async def test_nobody_there_is_tried_again(self) -> None:
        with pytest.raises(Unavailable):
            await deliver("http://127.0.0.1:1/", SECRET, BODY, inside=True)

    async def test_proxies_of_the_environment_are_not_used(
        self, canary: Canary, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{canary.port}")
        monkeypatch.setenv("no_proxy", "")
        async with receiving(Receiver()) as url:
            await deliver(url, SECRET, BODY, inside=True)
        assert canary.hits == 0


class TestBounds:
    async def test_a_body_without_end_costs_nothing(self) -> None:
        sent = 0
        left = asyncio.Event()

        async def answer(request: web.Request) -> web.StreamResponse:
            nonlocal sent
            response = web.StreamResponse()
            await response.prepare(request)
            try:
                while True:
                    await response.write(bytes(65536))
                    sent += 65536
            except (ConnectionError, asyncio.CancelledError):
                left.set()
                raise

        async with receiving(Receiver(answer)) as url:
            await asyncio.wait_for(deliver(url, SECRET, BODY, inside=True), 5)
            await asyncio.wait_for(left.wait(), 5)
        assert sent < 16 * 2**20

    async def test_a_body_that_does_not_come_is_not_waited_for(self) -> None:
        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Length": "10"})
            await response.prepare(request)
            await asyncio.sleep(60)
            return response

        async with receiving(Receiver(answer)) as url:
            await asyncio.wait_for(deliver(url, SECRET, BODY, inside=True), 5)

    async def test_an_answer_that_does_not_come_is_given_up(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async def answer(_: web.Request) -> web.Response:
            await asyncio.sleep(60)
            raise AssertionError

        assert webhook._SECONDS.total == 10
        monkeypatch.setattr(webhook, "_SECONDS", aiohttp.ClientTimeout(total=0.1))
        async with receiving(Receiver(answer)) as url:
            with pytest.raises(Unavailable):
                await asyncio.wait_for(deliver(url, SECRET, BODY, inside=True), 5)

    async def test_headers_without_end_are_given_up(self) -> None:
        async def hold_forth(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\n")
            try:
                while True:
                    writer.write(b"x-filler: " + b"x" * 4096 + b"\r\n")
                    await writer.drain()
            except ConnectionError:
                writer.close()

        async with await asyncio.start_server(hold_forth, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(Unavailable):
                await asyncio.wait_for(deliver(f"http://127.0.0.1:{port}/", SECRET, BODY, inside=True), 5)


LOOPBACK = [
    "127.0.0.1",
    "127.8.8.8",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[2002:7f00:1::]",
    "[::]",
    "0.0.0.0",
    "0",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0x7F.0x0.0x0.0x1",
    "0177.0.0.1",
    "0177.1",
    "017700000001",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "127。0。0。1",
    "１２７.0.0.1",
    "①②⑦.⓪.⓪.①",
    "localhost",
    "LocalHost",
    "public.example@127.0.0.1",
    "public.example:80@127.0.0.1",
    "public.example%2f@127.0.0.1",
]
INSIDE = [
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.64.0.1",
    "100.127.255.255",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::10.0.0.1]",
    "[2002:a00:1::]",
    "[2001:0:a00:1::]",
]


class TestAddresses:
    @pytest.mark.parametrize("host", [*LOOPBACK, *INSIDE])
    async def test_the_house_is_closed(self, host: str, canary: Canary) -> None:
        with pytest.raises(InvalidInput):
            await deliver(f"http://{host}:{canary.port}/", SECRET, BODY)
        assert canary.hits == 0

    async def test_names_that_hide_an_address_reach_nobody(self, canary: Canary) -> None:
        for host in ("127%2e0.0.1", "127.0.0.1%23.example"):
            with pytest.raises((InvalidInput, Unavailable)):
                await deliver(f"http://{host}:{canary.port}/", SECRET, BODY)
        assert canary.hits == 0

    @pytest.mark.parametrize(
        "url", ["", "http://", "http:///", "https://[::1", "ftp://127.0.0.1/", "file:///etc/passwd"]
    )
    async def test_what_is_no_address_is_refused(self, url: str) -> None:
        with pytest.raises((InvalidInput, Unavailable)):
            await deliver(url, SECRET, BODY)

    async def test_a_name_that_cannot_be_asked_for_is_no_crash(self) -> None:
        with pytest.raises(InvalidInput):
            await deliver(f"http://{'x' * 64}.example/", SECRET, BODY)

    async def test_https_is_held_to_the_same(self, canary: Canary) -> None:
        for host in ("127.0.0.1", "[::1]", "localhost"):
            with pytest.raises(InvalidInput):
                await deliver(f"https://{host}:{canary.port}/", SECRET, BODY)
        assert canary.hits == 0

    @pytest.mark.parametrize(
        "address", ["8.8.8.8", "172.15.0.1", "172.32.0.1", "100.128.0.1", "192.167.0.1", "2606:4700::1111"]
    )
    def test_the_public_internet_is_open(self, address: str) -> None:
        require_public(address)

    @pytest.mark.parametrize("address", ["::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::"])
    def test_so_it_is_by_the_ways_through_ipv6(self, address: str) -> None:
        require_public(address)

    async def test_inside_reaches_loopback_by_number_and_by_name(self) -> None:
        receiver = Receiver()
        async with receiving(receiver) as url:
            await deliver(url, SECRET, BODY, inside=True)
            await deliver(url.replace("127.0.0.1", "localhost"), SECRET, BODY, inside=True)
        assert len(receiver.requests) == 2


class TestPublicResolver:
    @pytest.mark.parametrize(
        "addresses",
        [["127.0.0.1"], ["10.1.2.3"], ["169.254.169.254"], ["::1"], ["fe80::1%eth0"], ["8.8.8.8", "127.0.0.1"]],
    )
    async def test_a_name_for_the_house_is_refused(self, addresses: list[str], canary: Canary) -> None:
        connector = aiohttp.TCPConnector(resolver=PublicResolver(Names(addresses)), use_dns_cache=False)
        async with aiohttp.ClientSession(connector=connector) as session:
            with pytest.raises(InvalidInput):
                await session.post(f"http://public.example:{canary.port}/")
        assert canary.hits == 0

    async def test_a_public_name_is_resolved(self) -> None:
        found = await PublicResolver(Names(["8.8.8.8", "2606:4700::1111"])).resolve("public.example", 443)
        assert [(one["host"], one["port"]) for one in found] == [("8.8.8.8", 443), ("2606:4700::1111", 443)]

    async def test_the_connection_goes_to_what_was_checked(self, canary: Canary) -> None:
        """A name that is public when it is first asked for and private the second time is asked for only once."""

        class Rebound(Names):
            asked = 0

            async def resolve(
                self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
            ) -> list[ResolveResult]:
                found = await super().resolve(host, port, family)
                self.addresses = ["127.0.0.1"]
                self.asked += 1
                return found

        names = Rebound(["192.0.0.8"])  # public by the rules, and nobody's: no connection comes about
        connector = aiohttp.TCPConnector(resolver=PublicResolver(names), use_dns_cache=False)
        timeout = aiohttp.ClientTimeout(total=0.2)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            with pytest.raises((aiohttp.ClientError, TimeoutError)):
                await session.post(f"http://public.example:{canary.port}/")
        assert (names.asked, canary.hits) == (1, 0)
