"""The gateway, its worker and the services behind them as processes of their own, that a test may kill."""

import os
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.gateway.jobs.forked import Forked, Place
from tests.ports import free_port
from tests.started import ROOT, patiently

CALLER, STRANGER = "tmb_caller01", "tmb_caller02"
SERVICES = {
    "tts": "services.tts.app",
    "sentiment": "services.sentiment.app",
    "speaker": "services.speaker.app",
}
STT = "services.stt.app"
MODULES = {"gateway": "gateway.app", "stt": STT, **SERVICES}
WORKER, HASTY_WORKER = "gateway.jobs.worker", "tests.gateway.jobs.hasty_worker"
SPEAKER_WORKER = "jobs.speaker_worker"
_FAKE = {
    "PYTHONPATH": str(ROOT),
    "TIMBRE_TTS_ENGINES": '["fake"]',
    "TIMBRE_DEFAULT_VOICE": "fake",
    "TIMBRE_SENTIMENT_ENGINE": "fake",
    "TIMBRE_SPEAKER_ENGINE": "fake",
    "TIMBRE_STT_ENGINE": "fake",
    "TIMBRE_BEAT_SECONDS": "0.2",
    "TIMBRE_LEASE_SECONDS": "1",
    "TIMBRE_POLL_SECONDS": "0.05",
    "TIMBRE_VOICES_SECONDS": "0",
}


class Stack:
    """Processes by name, each at a port that it keeps; all that they write lies in one folder."""

    def __init__(self, folder: Path, places: Mapping[str, Place] | None = None, **settings: str) -> None:
        self._places = places or {}
        self.folder = folder
        self.data = folder / "data"
        self.processes: dict[str, Forked] = {}
        self.sessions: set[int] = set()
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self._ports: dict[str, int] = {}
        self.settings = {
            "TIMBRE_KEYS": str(folder / "keys.json"),
            "TIMBRE_MODELS": str(folder / "models"),
            "TIMBRE_DATABASE": str(folder / "jobs.sqlite"),
            "TIMBRE_DATA": str(self.data),
            **self.as_services,
            "TMPDIR": str(self.temporary),
            **settings,
        }

    def url(self, name: str) -> str:
        return f"http://{self._place(name).address}:{self._ports.setdefault(name, free_port())}"

    @property
    def as_services(self) -> dict[str, str]:
        """Settings of another stack that uses this one's services."""
        return {f"TIMBRE_{name.upper()}_URL": self.url(name) for name in SERVICES}

    def start(self, name: str, module: str | None = None, **settings: str) -> None:
        """Start a process, or start it again; a name that is no service's is a worker's, and its id."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")}
        _, host, port = self.url(name).replace("//", "").split(":")
        own = {"TIMBRE_LISTEN_HOST": host, "TIMBRE_LISTEN_PORT": port, "TIMBRE_WORKER_ID": name}
        environment = clean | _FAKE | self.settings | own | settings
        module = module or MODULES.get(name, WORKER)
        started = Forked(module, environment, self.folder / f"{name}.log", self._place(name))
        self.processes[name] = started
        self.sessions.add(started.pid)

    def wait_ready(self, *names: str) -> None:
        """Wait until each of these says that it has started."""
        for name in names:
            for _ in patiently(90):
                assert self.processes[name].poll() is None, self.log(name)
                if self._has_started(name):
                    break
            else:
                raise AssertionError(self.log(name))

    def kill(self, name: str) -> None:
        """End a process without a warning."""
        self.processes[name].kill()
        self.processes.pop(name).wait()

    def stop(self, name: str) -> None:
        """Ask a process to end, and wait until it has."""
        self.processes[name].terminate()
        assert self.processes.pop(name).wait(60) in (0, -signal.SIGTERM), self.log(name)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def stored(self) -> dict[str, int]:
        """Return the size of every file in the data folder, by its path there."""
        sizes = {}
        for folder, _, names in os.walk(self.data):  # it minds no folder that is removed at this very moment
            for path in (Path(folder, name) for name in names):
                with suppress(FileNotFoundError):
                    sizes[str(path.relative_to(self.data))] = path.stat().st_size
        return sizes

    def client(self, caller: str | None = CALLER) -> httpx.Client:
        """Return a client of the gateway, with the header that nginx sets for the caller's key."""
        headers = {"X-Timbre-Key": caller} if caller else {}
        return httpx.Client(base_url=self.url("gateway"), headers=headers, timeout=70, trust_env=False)

    def _place(self, name: str) -> Place:
        return self._places.get(name, Place())

    def _has_started(self, name: str) -> bool:
        try:
            answer = httpx.get(f"{self.url(name)}/health/ready", trust_env=False)
        except httpx.TransportError:
            return False
        # A gateway has started when all that it still waits for are the services, which a test may not need.
        return answer.status_code == 200 or (name == "gateway" and "start:" not in answer.text)


@contextmanager
def running(folder: Path, *names: str, places: Mapping[str, Place] | None = None, **settings: str) -> Iterator[Stack]:
    """Run these processes for the block, and whatever else the test starts."""
    folder.mkdir(parents=True, exist_ok=True)
    stack = Stack(folder, places, **settings)
    try:
        for name in names:
            stack.start(name)
        stack.wait_ready(*names)
        yield stack
    finally:
        for process in stack.processes.values():
            process.kill()
        for process in stack.processes.values():
            process.wait()


def order(text: str, **members: Any) -> dict[str, Any]:
    """Return the body of a job that speaks the text."""
    return {"kind": "emotional-speech", "input": {"text": text, "response_format": "wav", **members}}


def submitted(client: httpx.Client, body: dict[str, Any], **headers: str) -> str:
    """Send a job and return its id."""
    answer = client.post("/v1/jobs", json=body, headers=headers)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def ended(client: httpx.Client, job_id: str, seconds: float = 60) -> dict[str, Any]:
    """Return the job once it has ended."""
    job: dict[str, Any] = client.get(f"/v1/jobs/{job_id}", params={"wait": seconds}).json()
    assert job["state"] in ("succeeded", "failed", "cancelled"), job
    return job


def fetched(client: httpx.Client, job: dict[str, Any]) -> dict[str, bytes]:
    """Return the results of a job that succeeded, by name."""
    assert job["state"] == "succeeded", job
    return {result["name"]: client.get(result["href"]).content for result in job["results"]}


def posted_at_once(http: httpx.Client) -> list[httpx.Response]:
    """Post the same job with the same Idempotency-Key 50 times, 25 at once."""

    def post(_: int) -> httpx.Response:
        return http.post("/v1/jobs", json=order("Good morning."), headers={"Idempotency-Key": "a"})

    with ThreadPoolExecutor(25) as pool:
        return list(pool.map(post, range(50)))
