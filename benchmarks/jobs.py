"""Jobs: how fast they are taken and written to the disk, and what being durable costs."""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp

from benchmarks.disk import slowed, syncs_per_second
from benchmarks.machine import speed_up_of_processes
from benchmarks.rounds import Ratio, compare
from benchmarks.stack import Addresses, running_timbre
from deploy.local.programs import free_addresses

_SENTENCE = "The ferry leaves the northern harbour at nine and reaches the island before noon, number {}."
_SUBMISSIONS, _JOBS, _AT_ONCE = 160, 96, 4

_ROOMY = {"TIMBRE_CONNECTIONS_PER_KEY": "1000", "TIMBRE_CONNECTIONS_PER_SERVICE": "1000"}


def measure() -> list[Ratio]:
    """Return all rows."""
    with tempfile.TemporaryDirectory(prefix="timbre-bench-") as folder:
        slow = slowed(Path(folder))
        return [*_submissions("this disk", {}), *_submissions("of 4 ms", slow), _cost(), _speed_up()]


def _submissions(disk: str, environment: dict[str, str]) -> list[Ratio]:
    """Jobs that one and sixteen clients hand in, each acknowledged when it is on the disk; nobody does them."""
    with tempfile.TemporaryDirectory(prefix="timbre-bench-") as name, _gateway(Path(name), environment) as address:
        return [
            compare(
                f"jobs taken / s, {clients} clients / syncs / s, {disk}",
                lambda clients=clients: asyncio.run(_submitted(address, clients)),  # type: ignore[misc]
                lambda: syncs_per_second(Path(name), environment),
                at_least=at_least,
                rounds=5,
            )
            for clients, at_least in ((1, 0.5), (16, 1.0))
        ]


@contextmanager
def _gateway(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """Run a gateway alone; yield its address."""
    address = free_addresses(1)[0]
    own = {
        "TIMBRE_LISTEN_PORT": address.rpartition(":")[2],
        "TIMBRE_KEYS": str(folder / "keys.json"),
        "TIMBRE_DATABASE": str(folder / "jobs.sqlite"),
        "TIMBRE_DATA": str(folder / "data"),
        "TIMBRE_JOBS_WAITING": "1000000",
        "TIMBRE_JOBS_PER_KEY": "1000000",
        "TIMBRE_LOG_LEVEL": "ERROR",
        **environment,
    }
    command = [sys.executable, "-m", "shared.serve", "gateway.app"]
    with subprocess.Popen(command, env={**os.environ, **own}, stderr=subprocess.DEVNULL) as process:
        try:
            asyncio.run(_until_live(f"http://{address}"))
            yield f"http://{address}"
        finally:
            process.terminate()


async def _until_live(address: str) -> None:
    async with aiohttp.ClientSession() as client:
        while True:
            try:
                async with client.get(f"{address}/health/live") as answer:
                    answer.raise_for_status()
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)


async def _submitted(address: str, clients: int) -> float:
    order = {"kind": "emotional-speech", "input": {"text": _SENTENCE}}
    async with aiohttp.ClientSession(headers={"X-Timbre-Key": "benchmark"}) as session:

        async def client(count: int) -> None:
            for _ in range(count):
                async with session.post(f"{address}/v1/jobs", json=order) as answer:
                    answer.raise_for_status()
                    await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*(client(_SUBMISSIONS // clients) for _ in range(clients)))
        return _SUBMISSIONS / (time.perf_counter() - began)


def _cost() -> Ratio:
    """Seconds for emotional speech as jobs, against the same as calls; about 50 ms of work each."""
    settings = {"TIMBRE_TTS_ENGINES": '["flite"]', "TIMBRE_SLOTS": "2", "TIMBRE_JOBS_AT_ONCE": "16", **_ROOMY}
    with running_timbre(settings) as timbre:
        asyncio.run(_called(timbre))
        return compare(
            f"{_JOBS} pieces of emotional speech, s: jobs / calls",
            lambda: asyncio.run(_done_as_jobs(timbre)),
            lambda: asyncio.run(_called(timbre)),
            at_most=1.15,
            rounds=5,
        )


async def _called(timbre: Addresses) -> float:
    gate = asyncio.Semaphore(_AT_ONCE)
    async with aiohttp.ClientSession(timbre.public, headers=timbre.headers) as session:

        async def call(number: int) -> None:
            order = {"text": _SENTENCE.format(number), "response_format": "wav"}
            async with gate, session.post("/v1/speech/emotional", json=order) as answer:
                answer.raise_for_status()
                await answer.read()

        began = time.perf_counter()
        await asyncio.gather(*map(call, range(_JOBS)))
        return time.perf_counter() - began


def _speed_up() -> Ratio:
    """How much faster two workers are than one, each with a TTS service and a core of its own, as on two machines."""
    settings = {"TIMBRE_TTS_ENGINES": '["flite"]', "TIMBRE_SLOTS": "1", "TIMBRE_JOBS_AT_ONCE": "3", **_ROOMY}
    first, second = sorted(os.sched_getaffinity(0))[:2]
    with running_timbre(settings) as timbre:
        for name in ("jobs", "tts"):
            _pin(timbre.direct[name], first)
        asyncio.run(_done_as_jobs(timbre))
        return compare(
            "speed-up by a second worker / by a second process",
            lambda: _speed_up_of_workers(timbre, second),
            speed_up_of_processes,
            at_least=0.8,
            rounds=5,
        )


def _speed_up_of_workers(timbre: Addresses, core: int) -> float:
    alone = asyncio.run(_done_as_jobs(timbre))
    tts, worker = (f"http://{address}" for address in free_addresses(2))
    with (
        _another("services.tts.app", tts, core, timbre.worker),
        _another("gateway.jobs.worker", worker, core, timbre.worker | {"TIMBRE_TTS_URL": tts}),
    ):
        return alone / asyncio.run(_done_as_jobs(timbre))


@contextmanager
def _another(module: str, address: str, core: int, settings: dict[str, str]) -> Iterator[None]:
    own = {"TIMBRE_LISTEN_PORT": address.rpartition(":")[2], "TIMBRE_WORKER_ID": "another"}
    command = [sys.executable, "-m", "shared.serve", module]
    with subprocess.Popen(command, env={**os.environ, **settings, **own}, stderr=subprocess.DEVNULL) as process:
        try:
            asyncio.run(_until_live(address))
            _pin(address, core)
            yield
        finally:
            process.terminate()


def _pin(address: str, core: int) -> None:
    """Bind the service at an address, and the processes that it has started, to one core."""
    mark = f"TIMBRE_LISTEN_PORT={address.rpartition(':')[2]}\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, PermissionError, ProcessLookupError):  # another's, or ended just now
            if mark in (process / "environ").read_bytes():
                _pin_process(process, core)


def _pin_process(process: Path, core: int) -> None:
    for task in (process / "task").iterdir():
        os.sched_setaffinity(int(task.name), {core})
        for child in (task / "children").read_text().split():
            _pin_process(Path("/proc", child), core)


async def _done_as_jobs(timbre: Addresses) -> float:
    async with aiohttp.ClientSession(timbre.public, headers=timbre.headers) as session:

        async def job(number: int) -> None:
            order = {
                "kind": "emotional-speech",
                "input": {"text": _SENTENCE.format(number), "response_format": "wav"},
            }
            async with session.post("/v1/jobs", json=order) as answer:
                taken = await answer.json()
            async with session.get(f"/v1/jobs/{taken['id']}?wait=60") as answer:
                ended = await answer.json()
            if ended["state"] != "succeeded":
                raise RuntimeError(f"a job {ended['state']}")

        began = time.perf_counter()
        await asyncio.gather(*map(job, range(_JOBS)))
        return time.perf_counter() - began
