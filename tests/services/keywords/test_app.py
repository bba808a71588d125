"""The service starts with the model in use, and not without one."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from services.keywords.app import create_app
from services.keywords.settings import KeywordsSettings
from shared.serve import MOST_MESSAGE_BYTES
from tests.ports import free_port
from tests.services.keywords.conftest import Serve
from tests.started import patiently

ROOT = Path(__file__).parents[3]
COMMAND = [sys.executable, "-m", "shared.serve", "services.keywords.app"]


def environment(**settings: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **settings}


@pytest.mark.anyio
async def test_a_process_reads_no_huge_messages_and_logs_no_words(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    settings = {"TIMBRE_KEYWORDS_ENGINE": "fake", "TIMBRE_LISTEN_PORT": str(port), "TIMBRE_LOG_LEVEL": "DEBUG"}
    address = f"ws://127.0.0.1:{port}/v1/audio/keywords/listen"
    with log.open("wb") as output, subprocess.Popen(COMMAND, env=environment(**settings), stderr=output) as process:
        try:
            assert any(_is_ready(port) for _ in patiently()), log.read_text()
            async with connect(f"{address}?keywords=pumpernickel") as websocket:
                assert "problem" in str(await websocket.recv())
            async with connect(address) as websocket:
                await websocket.recv()
                with contextlib.suppress(ConnectionClosed):
                    await websocket.send(bytes(2 * MOST_MESSAGE_BYTES))
                await websocket.wait_closed()
        finally:
            process.terminate()
    assert websocket.close_code == 1009
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert next(line["status"] for line in lines if line["logger"] == "timbre.requests") == 1003
    assert "pumpernickel" not in log.read_text()


def _is_ready(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/health/ready", trust_env=False).status_code == 200
    return False


def test_without_a_model_it_does_not_start(tmp_path: Path) -> None:
    settings = {"TIMBRE_MODELS": str(tmp_path), "TIMBRE_LISTEN_PORT": "0"}
    ended = subprocess.run(
        COMMAND, env=environment(**settings), capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode != 0
    assert "ModelNotFound" in ended.stderr


@pytest.mark.anyio
async def test_an_engine_that_does_not_exist() -> None:
    app = create_app(KeywordsSettings(keywords_engine="pytorch"))
    with pytest.raises(LookupError, match="there are: fake, onnx"):
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")


@pytest.mark.anyio
async def test_ready_after_the_start(serve: Serve) -> None:
    async with serve() as http:
        assert (await http.get("/health/ready")).status_code == 200
