"""The real NGINX, started as everywhere by start.sh, before small services that the tests can look into."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from tests.ports import free_port

GOOD = {"Authorization": "Bearer good"}
OTHER = {"X-Api-Key": "other"}
SPEECH = "/v1/audio/speech"
EMOTIONS = "/v1/text/emotions"
SPEAKER = "/v1/audio/speaker"
KEYWORDS = "/v1/audio/keywords"
LISTEN = "/v1/audio/keywords/listen"
OWN_WORDS = "/v1/keywords/models"
TRANSCRIPTIONS = "/v1/audio/transcriptions"
TRANSLATIONS = "/v1/audio/translations"
LIVE = "/v1/audio/transcriptions/live"
FILES = "/v1/files"
ROUTES = [
    ("POST", SPEECH, "tts"),
    ("GET", "/v1/audio/voices", "tts"),
    ("POST", EMOTIONS, "sentiment"),
    ("POST", "/v1/text/languages", "sentiment"),
    ("POST", SPEAKER, "speaker"),
    ("POST", KEYWORDS, "keywords"),
    ("GET", LISTEN + "?threshold=0.5", "keywords"),
    ("POST", OWN_WORDS, "keywords"),
    ("GET", OWN_WORDS, "keywords"),
    ("GET", OWN_WORDS + "/mine", "keywords"),
    ("DELETE", OWN_WORDS + "/mine", "keywords"),
    ("POST", TRANSCRIPTIONS, "stt"),
    ("POST", TRANSLATIONS, "stt"),
    ("GET", LIVE + "?sample_rate_hz=8000", "stt"),
    ("POST", "/v1/speech/plan", "gateway"),
    ("POST", "/v1/speech/emotional", "gateway"),
    ("POST", "/v1/jobs", "gateway"),
    ("GET", "/v1/jobs/job_1/events", "gateway"),
    ("POST", "/v1/files", "gateway"),
    ("GET", "/v1/files", "gateway"),
    ("GET", "/v1/files/file-1/content", "gateway"),
    ("DELETE", "/v1/files/file-1", "gateway"),
    ("GET", "/v1/models", "gateway"),
    ("GET", "/v1/models/tts-1", "gateway"),
    ("GET", "/v1/audio/models", "gateway"),
]
START = Path(__file__).parents[2] / "nginx" / "start.sh"
KEY_IDS = {"good": "key-1", "other": "key-2"}


def assert_problem(answer: httpx.Response, status: int, slug: str) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert (body["status"], body["type"]) == (status, f"urn:timbre:problem:{slug}")
    assert body["error"]["message"] == body["detail"]
    assert answer.headers["x-request-id"]


@dataclass
class Stub:
    """An ASGI app that notes what reaches it and behaves as the header X-Stub says."""

    name: str
    seen: list[dict[str, Any]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    entered: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    address: str = ""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode("latin-1") for name, value in scope["headers"]}
        request = {"service": self.name, "method": scope["method"], "headers": headers, "bytes": 0}
        request["target"] = (scope["raw_path"] + b"?" * bool(scope["query_string"]) + scope["query_string"]).decode()
        self.seen.append(request)
        message = await receive()
        while message.get("more_body"):
            request["bytes"] += len(message["body"])
            message = await receive()
        request["bytes"] += len(message.get("body", b""))
        if scope["path"] == "/internal/auth":
            await self._authorise(headers, send)
        else:
            await getattr(self, headers.get("x-stub", "echo"))(request, receive, send)

    async def _authorise(self, headers: dict[str, str], send: Any) -> None:
        key = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if key in KEY_IDS:
            await _answer(send, 204, [(b"x-timbre-key", KEY_IDS[key].encode())])
        else:
            await _answer(send, 401, [(b"www-authenticate", b"Bearer")])

    async def echo(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        await _answer(send, 200, [(b"x-request-id", b"the-stub's-own")], json.dumps(request).encode())

    async def unready(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        await _answer(send, 503, [(b"retry-after", b"7")], b"the stub's own words")

    async def slow(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        await _answer(send, 504, [])

    async def broken(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        await _answer(send, 500, [])

    async def clash(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        await _answer(send, 409, [])

    async def hold(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        """Send a piece, and the next one only after `release`."""
        await _begin(send, 200, [])
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        self.entered.set()
        await _until(self.release)
        await send({"type": "http.response.body", "body": b"second"})

    async def work(self, request: dict[str, Any], receive: Any, send: Any) -> None:
        """Work without an end until the caller leaves."""
        self.entered.set()
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left.set()


async def _until(event: threading.Event) -> None:
    await asyncio.to_thread(event.wait, 10)


async def _begin(send: Any, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def _answer(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"") -> None:
    await _begin(send, status, [*headers, (b"content-length", str(len(body)).encode())])
    await send({"type": "http.response.body", "body": body})


@contextlib.contextmanager
def served(stub: Stub, address: tuple[str, int] = ("127.0.0.1", 0)) -> Iterator[Stub]:
    """Serve `stub` in a thread, on a free port unless `address` names one."""
    listening = socket.create_server(address)
    stub.address = "{}:{}".format(*listening.getsockname())
    server = uvicorn.Server(uvicorn.Config(stub, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield stub
    finally:
        stub.release.set()
        server.should_exit = True
        thread.join()
        listening.close()


@dataclass
class Nginx:
    """A running NGINX."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10, trust_env=False, **options)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def logged(self, request_id: str) -> dict[str, Any]:
        """Wait for the log line of a request."""
        for _ in patiently():
            for line in self.output.splitlines():
                if line.startswith("{") and (entry := json.loads(line))["request_id"] == request_id:
                    return dict(entry)
        raise AssertionError(f"no log line of {request_id}")


def patiently(seconds: float = 10) -> Iterator[None]:
    """Try again and again, for at most `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.01)


@contextlib.contextmanager
def running_nginx(folder: Path, **settings: str) -> Iterator[Nginx]:
    """Run NGINX with these TIMBRE_ settings until the block ends."""
    port = free_port()
    folder.mkdir(exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")}
    environment |= {"TIMBRE_NGINX_FOLDER": str(folder), "TIMBRE_NGINX_LISTEN": f"127.0.0.1:{port}", **settings}
    with (folder / "output").open("ab") as output:
        process = subprocess.Popen(["sh", str(START)], env=environment, stdout=output, stderr=output)
    nginx = Nginx(port, folder, process)
    try:
        _wait_for(nginx)
        yield nginx
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(nginx: Nginx) -> None:
    for _ in patiently():
        assert nginx.process.poll() is None, nginx.output
        with contextlib.suppress(ConnectionRefusedError), nginx.connect():
            return
