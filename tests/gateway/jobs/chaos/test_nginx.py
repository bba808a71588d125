"""NGINX in front is killed, all of it or one of its processes, while jobs are submitted and watched through it."""

import os
import random
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import orjson
import pytest

from client.jobs.calls import changes
from client.timbre import Timbre, Unreachable
from tests.gateway.jobs.chaos.invariants import Ledger
from tests.gateway.jobs.chaos.mortal import KILLS, TEXTS, killed
from tests.gateway.jobs.stack import Stack, order, running
from tests.nginx.harness import START
from tests.ports import free_port
from tests.started import patiently

pytestmark = pytest.mark.skipif(
    not shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin"), reason="needs NGINX: nginx-light"
)
KEY = secrets.token_urlsafe(40)


class Nginx:
    """NGINX at one port, before a gateway."""

    def __init__(self, stack: Stack) -> None:
        address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{address}"
        self._output = stack.folder / "nginx.log"
        self._settings = {
            "TIMBRE_NGINX_FOLDER": str(stack.folder / "nginx"),
            "TIMBRE_NGINX_LISTEN": address,
            "TIMBRE_UPSTREAM_GATEWAY": stack.url("gateway").removeprefix("http://"),
            "TIMBRE_UPSTREAM_TTS": stack.url("tts").removeprefix("http://"),
            "TIMBRE_UPSTREAM_SENTIMENT": stack.url("sentiment").removeprefix("http://"),
            "TIMBRE_UPSTREAM_KEYWORDS": "127.0.0.1:1",  # these two are not called here
            "TIMBRE_UPSTREAM_STT": "127.0.0.1:1",
            "TIMBRE_REQUESTS_PER_SECOND": "10000",
            "TIMBRE_BURST_REQUESTS": "10000",
        }
        self.start()

    def start(self) -> None:
        """Start it, in a group of processes of its own, and wait until it answers."""
        with self._output.open("ab") as output:
            self._master = subprocess.Popen(
                ["sh", str(START)],
                env=os.environ | self._settings,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        for _ in patiently(30):
            with suppress(httpx.TransportError):
                httpx.get(self.url, trust_env=False)
                return
        raise AssertionError(self._output.read_text())

    def kill(self) -> None:
        """Kill the master and all workers."""
        os.killpg(self._master.pid, signal.SIGKILL)
        self._master.wait()

    def kill_worker(self) -> None:
        """Kill a process that answers; the master starts another."""
        children = Path(f"/proc/{self._master.pid}/task/{self._master.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)


@pytest.fixture
def stack(tmp_path: Path, engines: Stack) -> Iterator[Stack]:
    with running(tmp_path / "stack", "gateway", "worker", **engines.as_services, TIMBRE_API_KEY=KEY) as stack:
        yield stack


@pytest.fixture
def nginx(stack: Stack) -> Iterator[Nginx]:
    nginx = Nginx(stack)
    yield nginx
    nginx.kill()


@pytest.fixture
def http(nginx: Nginx) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(base_url=nginx.url, headers=headers, timeout=70, trust_env=False) as http:
        yield http


def speak(timbre: Timbre, ledger: Ledger, text: str) -> None:
    """Submit a job, as often as it takes, and watch it to its end: as the command line does, without a hitch."""
    key = secrets.token_hex(8)
    for _ in patiently(60):
        with suppress(Unreachable):
            taken = timbre.ask("POST", "/v1/jobs", order(text), **{"Idempotency-Key": key})
            break
    job_id = orjson.loads(taken)["id"]
    ledger.acknowledged(job_id, text)
    *_, last = changes(timbre, job_id)
    assert last.state == "succeeded"


@contextmanager
def callers(timbre: Timbre, ledger: Ledger, dice: random.Random) -> Iterator[None]:
    """Have jobs submitted and watched all the time."""
    over = threading.Event()
    texts = [dice.choice(TEXTS) for _ in range(100)]

    def call(number: int) -> None:
        while not over.is_set():
            speak(timbre, ledger, texts[number])

    with ThreadPoolExecutor(3) as pool:
        calls = [pool.submit(call, number) for number in range(3)]
        try:
            yield
        finally:
            over.set()
        for one in calls:
            one.result()


def die(kills: int, dice: random.Random, nginx: Nginx, http: httpx.Client, ledger: Ledger) -> None:
    with callers(Timbre(nginx.url, KEY), ledger, dice):
        for _ in range(kills):
            threading.Event().wait(dice.uniform(0.2, 1.5))
            if dice.random() < 0.3:
                nginx.kill_worker()
                killed["nginx: one process"] += 1
            else:
                nginx.kill()
                killed["nginx: all of it"] += 1
                nginx.start()
    ledger.settle(http)
    ledger.next_succeeds(http)


@pytest.mark.heavy
def test_it_may_die_again_and_again(dice: random.Random, nginx: Nginx, http: httpx.Client, ledger: Ledger) -> None:
    die(2 * KILLS, dice, nginx, http, ledger)


def test_it_may_die(dice: random.Random, nginx: Nginx, http: httpx.Client, ledger: Ledger) -> None:
    die(2, dice, nginx, http, ledger)
