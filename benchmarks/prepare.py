"""Preparing clips of spoken words: what a second process gains, and what four times the clips cost in memory."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.machine import speed_up_of_processes
from benchmarks.rounds import Ratio, compare

_CLIPS, _FEWER_CLIPS = 32_000, 8_000
_FILES = 400
_SAMPLE_RATE_HZ = 16_000


def measure() -> list[Ratio]:
    """Return all rows."""
    with tempfile.TemporaryDirectory(prefix="timbre-bench-") as name:
        folder = Path(name)
        files = _files(folder / "files")
        for count in (_CLIPS, _FEWER_CLIPS):
            _link(files, folder / str(count), count)
        return [_speed_up(folder), _memory(folder)]


def _speed_up(folder: Path) -> Ratio:
    return compare(
        f"{_CLIPS} clips prepared, speed-up by a second process / the machine's",
        lambda: _prepared(folder, _CLIPS, 1)[0] / _prepared(folder, _CLIPS, 2)[0],
        speed_up_of_processes,
        at_least=0.8,
        rounds=5,
    )


def _memory(folder: Path) -> Ratio:
    return compare(
        f"peak memory of a process in kB, {_CLIPS} clips / {_FEWER_CLIPS}",
        lambda: _prepared(folder, _CLIPS, 2)[1],
        lambda: _prepared(folder, _FEWER_CLIPS, 2)[1],
        at_most=1.1,
        rounds=3,
    )


def _prepared(folder: Path, clips: int, processes: int) -> tuple[float, int]:
    """Prepare so many clips; return the seconds, and the kilobytes of the process that took most."""
    arguments = [str(folder / str(clips)), str(folder / "out"), "--processes", str(processes)]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "training.keywords.prepare", *arguments], stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return time.perf_counter() - began, used.ru_maxrss


def _files(folder: Path) -> list[Path]:
    """Write clips as Speech Commands has them: a second of 16-bit wav at 16 kHz, one in ten shorter."""
    folder.mkdir()
    chance = np.random.default_rng(1)
    files = [folder / f"{number}.wav" for number in range(_FILES)]
    for number, file in enumerate(files):
        samples = 0.3 * chance.standard_normal(_SAMPLE_RATE_HZ if number % 10 else 12_000)
        soundfile.write(file, samples.clip(-1, 1), _SAMPLE_RATE_HZ)
    return files


def _link(files: list[Path], folder: Path, count: int) -> None:
    """Make a folder of so many clips of ten words, without the room that they would take on the disk."""
    for number in range(count):
        clip = folder / f"word{number % 10}" / f"{number // 40:08x}_nohash_{number % 40}.wav"
        clip.parent.mkdir(parents=True, exist_ok=True)
        clip.symlink_to(files[number % len(files)])
