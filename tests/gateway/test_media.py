"""Recordings from the web: fetched in bounds, and never from inside the house."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gateway.media import fetched, require_reachable
from gateway.media_addresses import checked
from gateway.settings import GatewaySettings
from shared.problems import Forbidden, InvalidInput, NotFound, Problem, TooLarge, Unavailable
from tests.gateway.conftest import served
from tests.gateway.jobs.test_webhook import INSIDE, LOOPBACK

pytestmark = pytest.mark.anyio

SETTINGS = GatewaySettings()
INSIDE_TOO = GatewaySettings(media_inside=True)
MOST_BYTES = 4096
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    async with served(web.get("/{path:.*}", handler)) as url:
        yield url


def answering(**answer: Any) -> Handler:
    async def answered(_: web.Request) -> web.Response:
        return web.Response(**answer)

    return answered


async def test_what_is_there_is_fetched() -> None:
    async with serving(answering(body=b"sound")) as url:
        assert await fetched(f"{url}/a?b=c", INSIDE_TOO, MOST_BYTES) == b"sound"


async def test_redirects_are_followed() -> None:
    async def lead(request: web.Request) -> web.Response:
        if request.path == "/sound":
            return web.Response(body=b"sound")
        return web.Response(status=302, headers={"Location": "/sound"})

    async with serving(lead) as url:
        assert await fetched(url, INSIDE_TOO, MOST_BYTES) == b"sound"


async def test_but_not_for_ever() -> None:
    asked = 0

    async def lead(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=307, headers={"Location": f"/{asked}"})

    async with serving(lead) as url:
        with pytest.raises(InvalidInput, match="on and on"):
            await fetched(url, INSIDE_TOO, MOST_BYTES)
    assert asked == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/", "https://a:b@example.com/", "https://"])
async def test_nor_to_what_is_no_address(target: str) -> None:
    async with serving(answering(status=302, headers={"Location": target})) as url:
        with pytest.raises(InvalidInput):
            await fetched(url, INSIDE_TOO, MOST_BYTES)


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        *(
            (401, Forbidden),
            (403, Forbidden),
            (404, NotFound),
            (410, NotFound),
            (418, InvalidInput),
            (204, InvalidInput),
        ),
        *((429, Unavailable), (500, Unavailable), (503, Unavailable), (304, InvalidInput)),
    ],
)
async def test_other_answers(status: int, problem: type[Problem]) -> None:
    async with serving(answering(status=status)) as url:
        with pytest.raises(problem, match=str(status)):
            await fetched(url, INSIDE_TOO, MOST_BYTES)


async def test_nobody_there() -> None:
    with pytest.raises(Unavailable):
        await fetched("http://127.0.0.1:1/", INSIDE_TOO, MOST_BYTES)


async def test_what_has_no_end_is_broken_off() -> None:
    sent = 0

    async def hold_forth(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(bytes(65536))
            sent += 65536

    async with serving(hold_forth) as url:
        with pytest.raises(TooLarge):
            await fetched(url, INSIDE_TOO, MOST_BYTES)
    assert sent < 16 * 2**20


async def test_what_is_packed_stays_packed() -> None:
    packed = b"\x1f\x8b" + bytes(100)
    async with serving(answering(body=packed, headers={"Content-Encoding": "gzip"})) as url:
        assert await fetched(url, INSIDE_TOO, MOST_BYTES) == packed


@pytest.mark.parametrize("host", [*LOOPBACK, *INSIDE])
async def test_the_house_is_closed(host: str) -> None:
    with pytest.raises(InvalidInput):
        await fetched(checked(f"https://{host}:1/a.mp3"), SETTINGS, MOST_BYTES)


async def test_so_it_is_behind_a_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is outside may lead to what is inside: the first answer is made possible, and then the rules hold."""
    hits = 0

    async def hit(request: web.Request) -> web.Response:
        nonlocal hits
        hits += 1
        return web.Response(status=302, headers={"Location": f"https://127.0.0.1:{request.url.port}/inside"})

    async with serving(hit) as url:
        allowed = [url]

        def require(address: str, settings: GatewaySettings) -> None:
            if address not in allowed:
                require_reachable(address, SETTINGS)

        monkeypatch.setattr("gateway.media.require_reachable", require)
        with pytest.raises(InvalidInput, match="public internet"):
            await fetched(url, INSIDE_TOO, MOST_BYTES)
    assert hits == 1


def test_http_is_for_the_own_network() -> None:
    with pytest.raises(InvalidInput, match="https"):
        require_reachable("http://example.com/a.mp3", SETTINGS)
    require_reachable("http://example.com/a.mp3", INSIDE_TOO)
    require_reachable("https://example.com/a.mp3", SETTINGS)


async def test_folders_are_read_in_bounds(tmp_path: Path) -> None:
    Path(tmp_path, "a").write_bytes(bytes(4097))
    settings = GatewaySettings(media_locations=str(tmp_path))
    with pytest.raises(TooLarge):
        await fetched(f"{tmp_path}/a", settings, MOST_BYTES)
    with pytest.raises(NotFound):
        await fetched(f"{tmp_path}/b", settings, MOST_BYTES)
    with pytest.raises(Forbidden):
        await fetched("/etc/passwd", settings, MOST_BYTES)
