"""Recordings take turns, and a process of its own with real models keeps hours of sound in little memory."""

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import numpy as np
import pytest

from services.speaker.engine import Heard
from services.speaker.engines.fake import Fake
from services.speaker.features import Frames
from services.speaker.judging import Model
from services.speaker.recordings import Recordings
from services.speaker.settings import SpeakerSettings
from shared.audio import Sound, encode
from shared.engines import EngineThreads
from shared.metrics import Metrics
from shared.store import ModelStore
from tests.ports import free_port
from tests.services.speaker.onnx_model import WOMAN_HZ, tone
from tests.started import patiently

ROOT = Path(__file__).parents[3]
HOURS = 1
RATE_HZ = 8_000
MOST_GROWTH_BYTES = 64 << 20
"""The sound itself, at 16 kHz, has 230 MB."""


@pytest.fixture
def process(store: ModelStore, tmp_path: Path) -> Iterator[tuple[int, str]]:
    """The id and the address of a service that takes hours."""
    address = f"http://127.0.0.1:{(port := free_port())}"
    settings = {
        "TIMBRE_SPEAKER_ENGINE": "onnx",
        "TIMBRE_MODELS": str(tmp_path / "store"),
        "TIMBRE_MAX_RECORDING_SECONDS": "14400",
        "TIMBRE_DECODE_SECONDS": "300",
        "TIMBRE_LISTEN_PORT": str(port),
    }
    command = [sys.executable, "-m", "shared.serve", "services.speaker.app"]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT), **settings}) as started:
        try:
            assert any(_is_ready(address) for _ in patiently())
            yield started.pid, address
        finally:
            started.terminate()


def _is_ready(address: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{address}/health/ready", trust_env=False).status_code == 200
    return False


def _peak_bytes(process_id: int) -> int:
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


async def post(http: httpx.AsyncClient, recording: bytes) -> httpx.Response:
    return await http.post("/v1/audio/speaker", files={"file": recording}, data={"segments": "true"})


class Held(Fake):
    """Judges each recording as soon as it is let."""

    def __init__(self) -> None:
        super().__init__("speaker-gender")
        self.let = threading.Semaphore(0)

    def hear(self, frames: Frames) -> Heard:
        self.let.acquire()
        return super().hear(frames)


@pytest.mark.anyio
async def test_an_answer_does_not_wait_for_the_recording_behind_it() -> None:
    engine = Held()
    models = [Model("gender/1", "speaker-gender", engine)]
    with ThreadPoolExecutor(1) as executor:
        threads = EngineThreads(executor, Metrics(), "fake")
        recordings = Recordings(SpeakerSettings(), lambda: contextlib.nullcontext(models), threads)
        recording = encode(tone(WOMAN_HZ, seconds=2), "wav")
        first, second = (asyncio.create_task(recordings.judge(recording, segments=False)) for _ in range(2))
        await asyncio.sleep(0)  # both are in the thread's queue
        try:
            engine.let.release()
            async with asyncio.timeout(60):
                await first
            assert not second.done()
        finally:
            engine.let.release()
        assert await second == first.result()


@pytest.mark.heavy
@pytest.mark.timeout(900)
@pytest.mark.anyio
async def test_hours_of_silence_in_little_memory(process: tuple[int, str]) -> None:
    hours = encode(Sound(np.zeros(HOURS * 3_600 * RATE_HZ, np.float32), RATE_HZ), "flac")
    minute = encode(tone(WOMAN_HZ, seconds=60), "flac")
    process_id, address = process
    async with httpx.AsyncClient(base_url=address, timeout=900, trust_env=False) as http:
        assert (await post(http, minute)).json()["gender"]["label"] == "female"
        before_bytes = _peak_bytes(process_id)
        long = asyncio.create_task(post(http, hours))
        meanwhile = [(await post(http, minute)).json()["gender"]["label"] for _ in range(3)]
        assert not long.done()
        answer = (await long).json()
    assert meanwhile == ["female"] * 3
    assert answer["gender"]["reason"] == answer["age"]["reason"] == "no_speech"
    assert [(one["start_seconds"], one["end_seconds"]) for one in answer["segments"]] == [(0, HOURS * 3_600)]
    assert _peak_bytes(process_id) - before_bytes < MOST_GROWTH_BYTES
