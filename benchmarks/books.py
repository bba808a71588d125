"""Books as jobs: what ten times the text costs in memory, and what a second replica of the TTS service gains."""

import asyncio
import itertools
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.rounds import Ratio, compare
from deploy.local.programs import free_addresses

CHAPTER_CHARACTERS, BOOK_CHARACTERS = 20_000, 200_000
MOST_GROWTH = 1.15
_PAGE_CHARACTERS = 6_000
_MODULES = {
    "gateway": "gateway.app",
    "jobs": "gateway.jobs.worker",
    "tts": "services.tts.app",
    "tts-2": "services.tts.app",
    "sentiment": "services.sentiment.app",
}
SERVICES = ("gateway", "jobs", "tts", "sentiment")
_BALANCER = """
daemon off; pid {folder}/nginx.pid; error_log stderr crit; worker_processes 1;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream replicas {{ least_conn; {servers} }}
    server {{ listen {address}; client_max_body_size 0; location / {{ proxy_pass http://replicas; }} }}
}}
"""
_WHO = ("The ferryman", "My sister", "A stranger from the north", "Nobody", "The whole village", "Her old dog")
_DID = ("waited for", "had forgotten", "was terribly afraid of", "simply loved", "hated", "ran towards", "painted")
_WHAT = ("the harbour lights", "that awful storm", "a letter from the mainland", "every winter morning", "the music")
_ENDS = (".", "!", ", and said nothing.", ", which was wonderful!", " until midnight.", "; who would not?")


def text_of(characters: int) -> str:
    """Return so many characters of sentences that differ, in paragraphs; the same each time."""
    chance = random.Random(7)
    words: list[str] = []
    length = 0
    for number in itertools.count(1):
        end = chance.choice(_ENDS) + ("\n\n" if number % 7 == 0 else " ")
        words.append(f"{chance.choice(_WHO)} {chance.choice(_DID)} {chance.choice(_WHAT)} {number} times{end}")
        length += len(words[-1])
        if length >= characters:
            return "".join(words)[:characters]
    raise AssertionError


@dataclass(frozen=True, slots=True)
class Press:
    """A running Timbre with so many replicas of the TTS service; `speech` is the address of them all."""

    address: str
    speech: str
    replicas: list[str]
    processes: dict[str, subprocess.Popen[bytes]]

    def client(self) -> httpx.Client:
        """Return a client of the gateway, as nginx would call it for one key."""
        return httpx.Client(base_url=self.address, headers={"X-Timbre-Key": "b"}, timeout=70, trust_env=False)

    def printed(self, characters: int, response_format: str = "mp3") -> tuple[dict[str, Any], float]:
        """Return the job that spoke a text of that length, and its seconds."""
        inputs = {"text": text_of(characters), "response_format": response_format}
        with self.client() as client:
            began = time.perf_counter()
            taken = client.post("/v1/jobs", json={"kind": "emotional-speech", "input": inputs}).raise_for_status()
            job: dict[str, Any] = taken.json()
            while job["state"] in ("queued", "running"):
                job = client.get(f"/v1/jobs/{job['id']}?wait=60").raise_for_status().json()
        if job["state"] != "succeeded":
            raise RuntimeError(f"the job {job['state']}: {job['error']}")
        return job, time.perf_counter() - began

    def peak_kilobytes(self, name: str) -> int:
        """Return the most memory that a service and its engines have had, those of all replicas together."""
        own = [process.pid for other, process in self.processes.items() if other.split("-")[0] == name]
        return sum(_peak(number) for parent in own for number in [parent, *_children(parent)])


def measure() -> list[Ratio]:
    """Return one row a service, and one for the time."""
    with running_press(2) as press:
        press.printed(CHAPTER_CHARACTERS)
        chapter = {name: press.peak_kilobytes(name) for name in SERVICES}
        press.printed(BOOK_CHARACTERS)
        book = {name: press.peak_kilobytes(name) for name in SERVICES}
    return [*(_row(name, book[name], chapter[name]) for name in SERVICES), replicas()]


def replicas() -> Ratio:
    """Return what a second replica gains."""
    with running_press(2) as two, running_press(1) as one:
        for press in (two, one):
            press.printed(_PAGE_CHARACTERS)
        return compare(
            f"a job of {_PAGE_CHARACTERS:,} characters, s: 2 replicas of TTS / 1",
            lambda: two.printed(_PAGE_CHARACTERS)[1],
            lambda: one.printed(_PAGE_CHARACTERS)[1],
            at_most=0.75,
            rounds=5,
        )


def _row(name: str, book: int, chapter: int) -> Ratio:
    growth = book / chapter
    title = f"peak memory of {name} in kB, 200,000 characters / 20,000"
    return Ratio(title, book, chapter, growth, growth, f"<= {MOST_GROWTH}", growth <= MOST_GROWTH)


@contextmanager
def running_press(replicas: int, **settings: str) -> Iterator[Press]:
    """Run gateway, worker, sentiment and one or two replicas of the TTS service for the block, with flite."""
    names = [name for name in _MODULES if replicas == 2 or name != "tts-2"]
    *listening, balancer = free_addresses(len(names) + 1)
    addresses = dict(zip(names, listening, strict=True))
    with tempfile.TemporaryDirectory(prefix="timbre-bench-") as folder, ExitStack() as stack:
        shared = {
            "TIMBRE_KEYS": f"{folder}/keys.json",
            "TIMBRE_DATABASE": f"{folder}/jobs.sqlite",
            "TIMBRE_DATA": f"{folder}/data",
            "TIMBRE_TTS_URL": f"http://{balancer}",
            "TIMBRE_SENTIMENT_URL": f"http://{addresses['sentiment']}",
            "TIMBRE_TTS_ENGINES": '["flite"]',
            "TIMBRE_SLOTS": "1",
            "TIMBRE_PARTS_AT_ONCE": str(replicas),
            "TIMBRE_LOG_LEVEL": "ERROR",
            **settings,
        }
        processes = {}
        for name, address in addresses.items():
            own = {**os.environ, **shared, "TIMBRE_LISTEN_PORT": address.rpartition(":")[2]}
            command = [sys.executable, "-m", "shared.serve", _MODULES[name]]
            processes[name] = stack.enter_context(_process(command, own))
        speaking = [addresses[name] for name in names if name.startswith("tts")]
        servers = " ".join(f"server {address};" for address in speaking)
        configuration = Path(folder) / "nginx.conf"
        configuration.write_text(_BALANCER.format(folder=folder, servers=servers, address=balancer))
        stack.enter_context(_process(["nginx", "-c", str(configuration)], dict(os.environ)))
        asyncio.run(_until_ready(list(addresses.values())))
        yield Press(f"http://{addresses['gateway']}", f"http://{balancer}", speaking, processes)


@contextmanager
def _process(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


async def _until_ready(addresses: list[str]) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        for address in addresses:
            while True:
                try:
                    if (await client.get(f"http://{address}/health/ready")).status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.1)


def _children(parent: int) -> list[int]:
    own = [
        int(number)
        for task in Path(f"/proc/{parent}/task").iterdir()
        for number in (task / "children").read_text().split()
    ]
    return [*own, *(number for child in own for number in _children(child))]


def _peak(process: int) -> int:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
