"""The gateway between stand-ins for its services: real HTTP, no engines."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
import pytest
import uvicorn
from aiohttp import web

from gateway.app import create_app
from gateway.settings import GatewaySettings
from shared.objects import ObjectStore, open_objects
from tests.serving import in_process

EMOTIONS = ("neutral", "angry", "happy", "sad", "fearful", "disgusted", "surprised", "calm", "excited")
LABELS = {"furious": "anger", "wonderful": "joy", "alone": "sadness", "table": "neutral"}
PROBLEM = "application/problem+json"


def problem(status: int, slug: str, **headers: str) -> web.Response:
    body = {"type": f"urn:timbre:problem:{slug}", "status": status, "title": slug, "detail": slug, "error": {}}
    return web.Response(body=json.dumps(body).encode(), status=status, content_type=PROBLEM, headers=headers)


@dataclass
class SpeechStandIn:
    """Speaks `chunks`; after the first it waits for `go_on`."""

    orders: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=lambda: [b"RIFF", b"sound"])
    answer: web.Response | None = None
    is_ready: bool = True
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)
    voice_calls: int = 0
    speaks_its_input: bool = False

    async def speech(self, request: web.Request) -> web.StreamResponse:
        order = await request.json()
        self.orders.append(order)
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        if self.answer is not None:
            return self.answer
        response = web.StreamResponse(headers={"Content-Type": "audio/mpeg"})
        await response.prepare(request)
        try:
            for chunk in [order["input"].encode()] if self.speaks_its_input else self.chunks:
                await response.write(chunk)
                await self.go_on.wait()
        except (asyncio.CancelledError, ConnectionError):
            self.left.set()
            raise
        return response

    async def voices(self, request: web.Request) -> web.Response:
        self.voice_calls += 1
        return web.json_response({"voices": [voice("slt", "en-us"), voice("rms", "en-us"), voice("fr", "fr-fr")]})

    async def ready(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ready"}) if self.is_ready else problem(503, "unavailable")


@dataclass
class SentimentStandIn:
    """Hears the emotions of LABELS' words, is sure of them unless the text says "perhaps", and refuses "Bonjour"."""

    batches: list[list[str]] = field(default_factory=list)
    answer: web.Response | None = None
    at_once: int = 0
    most_at_once: int = 0

    async def emotions(self, request: web.Request) -> web.Response:
        texts = (await request.json())["texts"]
        self.batches.append(texts)
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.answer is not None:
            return self.answer
        if any("Bonjour" in text for text in texts):
            return problem(400, "unsupported-language")
        return web.json_response({"model": "stand-in", "documents": [document(text) for text in texts]})

    async def ready(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ready"})


def voice(name: str, language: str) -> dict[str, Any]:
    ways = {one: {"model": name, "style": one, "fallback": one != "neutral"} for one in EMOTIONS if one != "disgusted"}
    about = {"gender": "female", "engine": "fake", "licence": "MIT", "sample_rate_hz": 16000}
    aliases = ["alloy"] if name == "slt" else []
    return {"id": name, "name": name, "language": language, "emotions": ways, "aliases": aliases, **about}


def document(text: str) -> dict[str, Any]:
    label = next((label for word, label in LABELS.items() if word in text), "neutral")
    sure = "perhaps" not in text and label in LABELS.values() and any(word in text for word in LABELS)
    score = 0.9 if sure else 0.4
    all_labels = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
    scores = {one: score if one == label else (1 - score) / 6 for one in all_labels}
    return {"sentences": [{"text": text, "emotion": label, "score": score, "scores": scores, "confident": sure}]}


@asynccontextmanager
async def served(*routes: web.RouteDef) -> AsyncIterator[str]:
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    with free_socket() as listening:
        await web.SockSite(runner, listening).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        await runner.cleanup()


@asynccontextmanager
async def stand_ins(speech: SpeechStandIn, sentiment: SentimentStandIn) -> AsyncIterator[tuple[str, str]]:
    speaking = (
        web.post("/v1/audio/speech", speech.speech),
        web.get("/v1/audio/voices", speech.voices),
        web.get("/health/ready", speech.ready),
    )
    hearing = (web.post("/v1/text/emotions", sentiment.emotions), web.get("/health/ready", sentiment.ready))
    async with served(*speaking) as tts_url, served(*hearing) as sentiment_url:
        yield tts_url, sentiment_url


def settings_for(folder: Path, tts_url: str, sentiment_url: str) -> GatewaySettings:
    return GatewaySettings(
        keys=folder / "keys.json",
        api_key="tmb_" + "0123456789abcdefghijklmnopqrstuvwxyz-_ABCDEFG",
        models=str(folder / "models"),
        database=str(folder / "jobs.sqlite"),
        data=str(folder / "data"),
        tts_url=tts_url,
        sentiment_url=sentiment_url,
        watch_seconds=0.01,
        max_characters=20_000,
    )


def free_socket() -> socket.socket:
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    return listening


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    """The store that `settings` names."""
    return open_objects(str(tmp_path / "data"))


@pytest.fixture
async def speech() -> SpeechStandIn:
    stand_in = SpeechStandIn()
    stand_in.go_on.set()
    return stand_in


@pytest.fixture
async def sentiment() -> SentimentStandIn:
    return SentimentStandIn()


@pytest.fixture
async def settings(
    tmp_path: Path, speech: SpeechStandIn, sentiment: SentimentStandIn
) -> AsyncIterator[GatewaySettings]:
    async with stand_ins(speech, sentiment) as urls:
        yield settings_for(tmp_path, *urls)


def asgi_client(settings: GatewaySettings) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """Run the gateway for a block."""
    return in_process(create_app(settings))


@pytest.fixture
async def gateway(settings: GatewaySettings) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway without a socket: answers come whole."""
    async with asgi_client(settings) as http:
        yield http


@pytest.fixture
def gateway_with(settings: GatewaySettings) -> Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]:
    """Makes a gateway with other settings."""
    return lambda **changed: asgi_client(settings.model_copy(update=changed))


@pytest.fixture
async def live_gateway(settings: GatewaySettings) -> AsyncIterator[httpx.AsyncClient]:
    """The gateway behind a real socket: answers stream, and clients can leave."""
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False))
    with free_socket() as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        async with httpx.AsyncClient(base_url=address) as http:
            while not server.started:
                await asyncio.sleep(0)
            yield http
        server.should_exit = True
        await serving


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a gateway with stand-ins behind it, all in another thread, for clients that block."""
    folder = tmp_path_factory.mktemp("gateway")
    started: Queue[tuple[str, uvicorn.Server]] = Queue()
    thread = threading.Thread(target=lambda: asyncio.run(_serve(folder, started.put)))
    thread.start()
    url, server = started.get(timeout=20)
    yield url
    server.should_exit = True
    thread.join()


async def _serve(folder: Path, report: Callable[[tuple[str, uvicorn.Server]], None]) -> None:
    speech = SpeechStandIn()
    speech.go_on.set()
    async with stand_ins(speech, SentimentStandIn()) as urls:
        app = create_app(settings_for(folder, *urls))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        with free_socket() as listening:
            serving = asyncio.create_task(server.serve(sockets=[listening]))
            while not server.started:
                await asyncio.sleep(0)
            report((f"http://127.0.0.1:{listening.getsockname()[1]}", server))
            await serving
