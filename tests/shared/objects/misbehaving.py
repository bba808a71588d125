"""A proxy in front of a real AWS server that does wrong what a test tells it to: errors, silence, broken bodies."""

import asyncio
import io
import random
import re
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread
from typing import Literal

import aiohttp
from aiohttp import web

Operation = Literal["get", "put", "head", "delete", "list"] | str
"""Of S3, or of DynamoDB, as AWS names it: "Query"."""
Forward = Callable[[], Awaitable[tuple[int, dict[str, str], bytes]]]
"""Asks the real server; returns status, headers and body."""
Fault = Callable[[web.Request, Forward], Awaitable[web.StreamResponse]]

_ENDLESS_SECONDS = 3600
_KEPT = ("etag", "last-modified", "content-type", "content-range", "x-amz-", "accept-ranges")


@dataclass
class Rule:
    """Requests of these operations whose path matches go wrong: `times` of them, or all; each with this chance."""

    fault: Fault
    operations: tuple[Operation, ...] = ("get", "put", "head", "delete", "list")
    path: str = ""
    times: int | None = None
    rate: float = 1.0


@dataclass
class Misbehaving:
    """The proxy: its address, what goes wrong just now (the first rule that fits), and what was asked for."""

    target: str
    chance: random.Random
    address: str = ""
    rules: list[Rule] = field(default_factory=list)
    requests: list[tuple[Operation, str]] = field(default_factory=list)

    def set(self, *rules: Rule, seed: int = 0) -> None:
        """Begin anew with these rules."""
        self.rules[:] = rules
        self.requests.clear()
        self.chance.seed(seed)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        operation = _operation(request)
        self.requests.append((operation, request.path))
        body = None

        async def forward() -> tuple[int, dict[str, str], bytes]:
            nonlocal body
            body = await request.read() if body is None else body
            headers = {name: value for name, value in request.headers.items() if name.lower() not in ("host", "expect")}
            url = self.target + request.raw_path
            async with (
                aiohttp.ClientSession(auto_decompress=False) as session,
                session.request(request.method, _as_it_is(url), headers=headers, data=io.BytesIO(body)) as answer,
            ):
                return answer.status, _kept(answer, request.method), await answer.read()

        fault = self._fault(operation, request.path)
        return await fault(request, forward) if fault else await _sent(request, await forward())

    def _fault(self, operation: Operation, path: str) -> Fault | None:
        for rule in self.rules:
            if operation not in rule.operations or not re.search(rule.path, path) or rule.times == 0:
                continue
            if self.chance.random() < rule.rate:
                rule.times = None if rule.times is None else rule.times - 1
                return rule.fault
        return None


@contextmanager
def misbehaving(target: str) -> Iterator[Misbehaving]:
    """Run the proxy in front of the server at `target` for the block; at first nothing goes wrong."""
    proxy = Misbehaving(target, random.Random(0))
    loop = asyncio.new_event_loop()
    runner = loop.run_until_complete(_listening(proxy))
    thread = Thread(target=loop.run_forever)
    thread.start()
    try:
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def error(status: int, code: str) -> Fault:
    """Answer with an error as S3 writes it, and do nothing."""

    async def fault(request: web.Request, _: Forward) -> web.StreamResponse:
        await request.read()
        body = b"" if request.method == "HEAD" else f"<Error><Code>{code}</Code><Message>m</Message></Error>".encode()
        return web.Response(status=status, body=body, content_type="application/xml")

    return fault


async def silence(_: web.Request, __: Forward) -> web.StreamResponse:
    """Take the request and never answer."""
    await asyncio.sleep(_ENDLESS_SECONDS)
    raise AssertionError("the client has waited for an hour")


async def reset(request: web.Request, _: Forward) -> web.StreamResponse:
    """Reset the connection before anything is read or done."""
    return _aborted(request)


async def lost(request: web.Request, forward: Forward) -> web.StreamResponse:
    """Do what was asked, and reset the connection instead of saying so."""
    await forward()
    return _aborted(request)


async def reset_inside(request: web.Request, forward: Forward) -> web.StreamResponse:
    """Announce the whole body, send half of it and reset the connection."""
    response = await _half(request, await forward())
    _aborted(request)
    return response


async def truncated(request: web.Request, forward: Forward) -> web.StreamResponse:
    """Announce the whole body, send half of it and close the connection in an orderly way."""
    response = await _half(request, await forward())
    assert request.transport
    request.transport.close()
    return response


async def shortened(request: web.Request, forward: Forward) -> web.StreamResponse:
    """Announce and send half of the body, as if that were all."""
    status, headers, body = await forward()
    return await _sent(request, (status, headers, body[: len(body) // 2]))


async def slow(request: web.Request, forward: Forward) -> web.StreamResponse:
    """Send a thousand bytes a second."""
    status, headers, body = await forward()
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    for start in range(0, len(body), 100):
        await response.write(body[start : start + 100])
        await asyncio.sleep(0.1)
    return response


async def _listening(proxy: Misbehaving) -> web.AppRunner:
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", proxy.answer)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    proxy.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    return runner


def _operation(request: web.Request) -> Operation:
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2]
    return "list" if request.method == "GET" and "list-type" in request.query else request.method.lower()


def _as_it_is(url: str) -> "aiohttp.client.URL":
    return aiohttp.client.URL(url, encoded=True)


def _kept(answer: aiohttp.ClientResponse, method: str) -> dict[str, str]:
    kept = {name: value for name, value in answer.headers.items() if name.lower().startswith(_KEPT)}
    return kept | ({"Content-Length": answer.headers["Content-Length"]} if method == "HEAD" else {})


async def _sent(request: web.Request, answer: tuple[int, dict[str, str], bytes]) -> web.StreamResponse:
    status, headers, body = answer
    return web.Response(status=status, headers=headers, body=body if request.method != "HEAD" else None)


async def _half(request: web.Request, answer: tuple[int, dict[str, str], bytes]) -> web.StreamResponse:
    status, headers, body = answer
    response = web.StreamResponse(status=status, headers=headers)
    response.content_length = len(body)
    await response.prepare(request)
    with suppress(ConnectionError):
        await response.write(body[: len(body) // 2])
        await asyncio.sleep(0.05)  # the half leaves before the connection ends
    return response


def _aborted(request: web.Request) -> web.StreamResponse:
    assert request.transport
    connection = request.transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
    return web.Response()
