"""Batch speech-to-text: what a second process gains, and what loading the model once does, with the default engine."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.machine import speed_up_of_processes
from benchmarks.rounds import Ratio, compare
from services.tts.engines.flite import Flite
from services.tts.speech import SpokenWord, Utterance
from shared.audio import Sound, encode

_LONG = "The quick brown fox could not believe how quiet the old house was, and so it sang."
_SHORT = "Good morning."
_LONG_FILES, _SHORT_FILES, _SINGLE_FILES = 60, 200, 3
_ROUNDS = 3


def measure() -> list[Ratio]:
    """Return both rows; a second one is a process a file, of which a few are measured."""
    long, short = asyncio.run(_spoken(_LONG)), asyncio.run(_spoken(_SHORT))
    return [
        compare(
            "speed-up by a second process / by a second process of the machine",
            lambda: _run_seconds(long, _LONG_FILES, 1) / _run_seconds(long, _LONG_FILES, 2),
            speed_up_of_processes,
            at_least=0.85,
            rounds=_ROUNDS,
        ),
        compare(
            "short files/s with the model loaded once / a process a file",
            lambda: _SHORT_FILES / _run_seconds(short, _SHORT_FILES, 1),
            lambda: _SINGLE_FILES / sum(_run_seconds(short, 1, 1) for _ in range(_SINGLE_FILES)),
            at_least=5.0,
            rounds=_ROUNDS,
        ),
    ]


async def _spoken(text: str) -> bytes:
    engine = Flite()
    try:
        speech = await engine.speak(Utterance(tuple(map(SpokenWord, text.split())), "slt", "en-us"))
    finally:
        await engine.close()
    return encode(Sound(speech.samples, speech.sample_rate_hz), "wav")


def _run_seconds(recording: bytes, files: int, processes: int) -> float:
    """Return how long the command takes for so many recordings, its start included."""
    with TemporaryDirectory() as name:
        waiting = Path(name) / "input"
        waiting.mkdir()
        for number in range(files):
            (waiting / f"{number}.wav").write_bytes(recording)
        command = [sys.executable, "-m", "jobs.transcribe", "run", name, "--processes", str(processes)]
        began = time.perf_counter()
        subprocess.run(command, env=os.environ, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - began
