"""What the factory promises for requests holds for websockets: problems, ids, metrics, logs, the last-resort answer."""

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from shared import logs
from shared.app import create_app
from shared.problems import Busy, EngineFailed, InvalidInput, NotFound, Problem, TooLarge, UnsupportedMedia
from shared.settings import ServiceSettings
from shared.state import from_state
from tests.serving import served

PROBLEMS: dict[str, tuple[Problem, int]] = {
    "invalid": (InvalidInput("wrong", param="x"), 1003),
    "media": (UnsupportedMedia("wrong"), 1003),
    "busy": (Busy("full"), 1013),
    "large": (TooLarge("much", limit=1), 1008),
    "nothing": (NotFound("none"), 1008),
    "failed": (EngineFailed("broken"), 1011),
}

router = APIRouter()


@router.websocket("/problems/{name}")
async def problems(websocket: WebSocket, name: str, early: bool = False) -> None:
    if not early:
        await websocket.accept()
    raise PROBLEMS[name][0]


@router.websocket("/broken")
async def broken(websocket: WebSocket, late: bool = True) -> None:
    if late:
        await websocket.accept()
    raise RuntimeError("pumpernickel")


@router.websocket("/echo")
async def echo(
    websocket: WebSocket, number: Annotated[int, Query()], greeting: Annotated[str, Depends(from_state("greeting"))]
) -> None:
    await websocket.accept()
    await websocket.send_text(f"{greeting} {number}")
    await websocket.receive_text()
    await websocket.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
        yield {"greeting": "hello"}

    with served(create_app("example", ServiceSettings(), [router], lifespan)) as address:
        yield address.replace("http", "ws")


async def told_by(address: str, **headers: str) -> tuple[list[str], int | None, dict[str, Any]]:
    """Return all that a server says that nobody speaks to, its close code, and the headers of its answer."""
    told: list[str] = []
    async with connect(address, additional_headers=headers) as websocket:
        try:
            while True:
                told.append(str(await websocket.recv()))
        except ConnectionClosed:
            assert websocket.response
            return told, websocket.close_code, dict(websocket.response.headers)


@pytest.mark.anyio
class TestProblems:
    @pytest.mark.parametrize("early", ["false", "true"])
    @pytest.mark.parametrize("name", PROBLEMS)
    async def test_a_problem_is_told_and_then_closed(self, address: str, name: str, early: str) -> None:
        [told], code, _ = await told_by(f"{address}/problems/{name}?early={early}")
        problem, expected = PROBLEMS[name]
        assert json.loads(told) == {"type": "problem", "problem": problem.body()}
        assert code == expected

    @pytest.mark.parametrize("query", ["", "?number=pumpernickel"])
    async def test_a_wrong_query_is_a_problem(self, address: str, query: str) -> None:
        [told], code, _ = await told_by(f"{address}/echo{query}")
        assert json.loads(told)["problem"]["param"] == "number"
        assert (code, "pumpernickel" in told) == (1003, False)

    async def test_an_unexpected_error_is_ours(self, address: str) -> None:
        assert (await told_by(f"{address}/broken"))[:2] == ([], 1011)

    async def test_an_unexpected_error_before_the_handshake(self, address: str) -> None:
        http = httpx.get(f"{address.replace('ws', 'http', 1)}/broken")
        assert http.status_code == 404, "no websocket was asked for"
        with pytest.raises(Exception, match="500"):
            await told_by(f"{address}/broken?late=false")


@pytest.mark.anyio
class TestAround:
    async def test_the_request_id_is_kept(self, address: str) -> None:
        _, _, headers = await told_by(f"{address}/problems/busy", **{"X-Request-Id": "id-7"})
        assert headers["x-request-id"] == "id-7"

    async def test_state_metrics_and_log(self, address: str, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("INFO", logger="timbre.requests"):
            async with connect(f"{address}/echo?number=7") as websocket:
                assert await websocket.recv() == "hello 7"
                await websocket.send("bye")
                await websocket.wait_closed()
            await told_by(f"{address}/problems/large")
        lines = [record.__dict__ for record in caplog.records if record.name == "timbre.requests"]
        assert [(line["route"], line["method"], line["status"]) for line in lines] == [
            ("/echo", "WEBSOCKET", 1000),
            ("/problems/{name}", "WEBSOCKET", 1008),
        ]
        metrics = httpx.get(f"{address.replace('ws', 'http', 1)}/metrics").text
        assert 'timbre_requests_total{method="WEBSOCKET",route="/echo",status="1000"} 1.0' in metrics

    async def test_who_leaves_is_no_error(self, address: str, caplog: pytest.LogCaptureFixture) -> None:
        async with connect(f"{address}/echo?number=7") as websocket:
            await websocket.recv()
        async with connect(f"{address}/echo?number=8") as websocket:
            assert await websocket.recv() == "hello 8"
        assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


def test_uvicorn_does_not_log_addresses_of_websockets(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:], logging.getLogger().level
    try:
        logs.configure("DEBUG", "test")
        server = logging.getLogger("uvicorn.error")
        server.info('%s - "WebSocket %s" [accepted]', "1.2.3.4", "/listen?keywords=pumpernickel")
        server.debug("< BINARY %s", "pumpernickel")
        server.info("Started server process [%d]", 7)
        written = capsys.readouterr().err
    finally:
        logging.getLogger().handlers, logging.getLogger().level = before
        logging.getLogger("uvicorn.error").filters.clear()
    assert "pumpernickel" not in written
    assert "Started server process" in written
