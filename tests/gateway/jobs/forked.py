"""Processes as `python -m shared.serve MODULE` makes them, forked from one that has imported what all of them need.

Each is a session of its own, so that whatever it started can be told apart after its death.
"""

import ctypes
import multiprocessing
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(
    [
        "shared.serve",
        "gateway.app",
        "gateway.jobs.worker",
        "gateway.jobs.emotional_speech",
        "gateway.jobs.sentiment_detection",
        "gateway.jobs.speaker_prediction",
        "gateway.speaker.dynamodb",
        "jobs.batch_transcription",
        "jobs.speaker_worker",
        "services.tts.app",
        "services.sentiment.app",
        "services.speaker.app",
    ]
)


@dataclass(frozen=True)
class Place:
    """Where a process runs: its address, and its network namespace if that is not the machine's own."""

    address: str = "127.0.0.1"
    namespace: str = ""


class Forked:
    """One of them, to be handled as a `subprocess.Popen`."""

    def __init__(self, module: str, environment: Mapping[str, str], log: Path, place: Place) -> None:
        self._process = _FORKS.Process(target=_serve, args=(module, dict(environment), log, place))
        self._process.start()
        self.pid = int(self._process.pid or 0)

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, seconds: float | None = None) -> int:
        """Raises TimeoutExpired."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(str(self.pid), seconds or 0)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


def _serve(module: str, environment: Mapping[str, str], log: Path, place: Place) -> None:
    os.setsid()
    if place.namespace:
        _enter(place.namespace)
    with log.open("ab") as written:
        os.dup2(written.fileno(), 1)
        os.dup2(written.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(log.parent)
    from shared.serve import serve

    serve(module)


def _enter(namespace: str) -> None:
    """Move this process into a network namespace, as `ip netns exec` does."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", namespace).open() as opened:
        if libc.setns(opened.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
