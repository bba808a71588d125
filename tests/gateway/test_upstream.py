"""The shared session to the services."""

import asyncio
import re
from http import HTTPMethod

import pytest
from aiohttp import web

from gateway.settings import GatewaySettings
from gateway.upstream import Service, services_session
from shared.problems import TimedOut, Unavailable

pytestmark = pytest.mark.anyio


async def broken_once(counts: list[int], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the first request of a connection properly and hang up on the second, as a replica that stops does."""
    counts.append(1)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    await writer.drain()
    await reader.read(1)
    writer.close()
    await writer.wait_closed()


async def test_a_kept_connection_that_died_is_no_failure() -> None:
    connections: list[int] = []
    async with await asyncio.start_server(lambda r, w: broken_once(connections, r, w), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with services_session(GatewaySettings()) as session:
            service = Service("speech", f"http://127.0.0.1:{port}", session, {})
            assert [await service.get("/") for _ in range(3)] == [b"ok"] * 3
    assert len(connections) == 3


async def test_nobody_there_is_unavailable() -> None:
    async with services_session(GatewaySettings()) as session:
        with pytest.raises(Unavailable):
            await Service("speech", "http://127.0.0.1:1", session, {}).post("/", {})


async def test_a_service_that_is_silent_is_timed_out(settings: GatewaySettings, speech) -> None:
    speech.go_on.clear()
    async with services_session(settings.model_copy(update={"call_seconds": 0.05})) as session:
        with pytest.raises(TimedOut):
            await Service("speech", settings.tts_url, session, {}).post("/v1/audio/speech", {"input": "x"})


async def test_headers_go_along_and_leaving_early_closes(settings: GatewaySettings, speech) -> None:
    speech.go_on.clear()
    async with services_session(settings) as session:
        service = Service("speech", settings.tts_url, session, {"X-Request-Id": "id-9"})
        async with service.opened(HTTPMethod.POST, "/v1/audio/speech", b"{}") as answer:
            assert answer.status == 200
        await asyncio.wait_for(speech.left.wait(), 5)
    assert speech.headers[0]["x-request-id"] == "id-9"


async def test_a_problem_without_json_is_not_passed_on(settings: GatewaySettings, speech) -> None:
    speech.answer = web.Response(status=502, text="<html>", content_type="text/html")
    async with services_session(settings) as session:
        with pytest.raises(Unavailable):
            await Service("speech", settings.tts_url, session, {}).post("/v1/audio/speech", {})


async def test_a_file_goes_as_a_form_and_once_more_over_a_new_connection() -> None:
    """The first connection dies as soon as the second request has begun to come."""
    bodies: list[bytes] = []

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head.lower())[1])
        bodies.append(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        await reader.read(1)
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(answered, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with services_session(GatewaySettings()) as session:
            service = Service("speaker", f"http://127.0.0.1:{port}", session, {"X-Request-Id": "id-9"})
            answers = [await service.upload("/", b"a voice\r\n--") for _ in range(2)]
    assert [answer.body for answer in answers] == [b"ok"] * 2
    assert len(bodies) == 2
    for body in bodies:
        assert b"multipart/form-data; boundary=" in body
        assert b'name="file"; filename="' in body
        assert b"\r\n\r\na voice\r\n--\r\n--" in body
        assert b"id-9" in body
