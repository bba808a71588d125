"""Resident memory of each service before and after 2,000 mixed requests."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from benchmarks.rounds import Ratio
from benchmarks.stack import Addresses, running_timbre

REQUESTS = 2_000
_WARM_UP_REQUESTS = 400
_MOST_GROWTH = 1.02
_EMOTIONS = ("neutral", "angry", "happy", "sad")


def measure() -> list[Ratio]:
    """Return one row a service: kilobytes after over kilobytes before."""
    with (
        running_timbre({"TIMBRE_TTS_ENGINES": '["flite"]'}) as timbre,
        httpx.Client(base_url=timbre.public, headers=timbre.headers, timeout=60, trust_env=False) as client,
    ):
        _call_often(client, _WARM_UP_REQUESTS)
        before = {name: _resident_kilobytes(timbre, name) for name in ("gateway", "tts", "sentiment")}
        _call_often(client, REQUESTS)
        after = {name: _resident_kilobytes(timbre, name) for name in before}
    return [_row(name, after[name], before[name]) for name in before]


def _row(name: str, after: int, before: int) -> Ratio:
    growth = after / before
    title = f"memory of {name} in kB, after {REQUESTS} requests / before"
    return Ratio(title, after, before, growth, growth, f"<= {_MOST_GROWTH}", growth <= _MOST_GROWTH)


def _call_often(client: httpx.Client, count: int) -> None:
    calls: tuple[Callable[[int], httpx.Response], ...] = (
        lambda number: client.post(
            "/v1/audio/speech",
            json={"input": f"Train {number} is late.", "emotion": _EMOTIONS[number // 3 % 4], "response_format": "mp3"},
        ),
        lambda number: client.post("/v1/text/emotions", json={"text": f"I waited {number} hours and I am so angry!"}),
        lambda number: client.post("/v1/speech/plan", json={"text": f"Number {number}. What a lovely day! I am sad."}),
    )
    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(lambda number: calls[number % 3](number), range(count)):
            answer.raise_for_status()


def _resident_kilobytes(timbre: Addresses, name: str) -> int:
    """Find the service's process by the port it was told to listen on."""
    told = f"TIMBRE_LISTEN_PORT={timbre.direct[name].rpartition(':')[2]}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if told in (process / "environ").read_bytes().split(b"\0"):
                lines = (process / "status").read_text().splitlines()
                return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
        except OSError:
            continue
    raise RuntimeError(f"the process of {name} is gone")
