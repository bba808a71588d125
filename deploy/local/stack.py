"""The running processes of `make run`: started under supervisord, watched until ready, ended together."""

import contextlib
import json
import signal
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
import xmlrpc.client
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import Any, cast

from supervisor.xmlrpc import SupervisorTransport

from deploy.local.programs import Control

_END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StartFailed(Exception):
    """Timbre cannot run; the message tells the user why and what to do."""


class Stack:
    """supervisord and what it keeps alive."""

    def __init__(self, process: subprocess.Popen[bytes], control: Control) -> None:
        self._process = process
        self._control = control

    def wait(self) -> int:
        """Return supervisord's exit status when it has ended."""
        return self._process.wait()

    def wait_until_ready(self, address: str, seconds: float) -> None:
        """Return when `address`/health/ready says so. Raises StartFailed if a process gives up, or time does."""
        end = time.monotonic() + seconds
        why = "no answer"
        while time.monotonic() < end:
            self._require_alive()
            why = _not_ready(address)
            if not why:
                return
            time.sleep(0.1)
        raise StartFailed(f"Timbre was not ready after {seconds:.0f} seconds: {why}")

    def _require_alive(self) -> None:
        if self._process.poll() is not None:
            raise StartFailed("supervisord ended at once; its messages stand above.")
        ended = ", ".join(state["name"] for state in self._states() if state["stop"])
        if ended:
            raise StartFailed(f"{ended} ended before it was ready; its messages stand above.")

    def _states(self) -> list[dict[str, Any]]:
        """Return what supervisord knows of each process; `stop` is when it last ended, 0 if it never did."""
        control = self._control
        transport = SupervisorTransport(control.username, control.password, f"unix://{control.socket}")
        supervisor = xmlrpc.client.ServerProxy("http://timbre", transport=transport)
        with contextlib.suppress(OSError):  # it does not listen yet
            return cast(list[dict[str, Any]], supervisor.supervisor.getAllProcessInfo())
        return []


@contextlib.contextmanager
def running(
    configuration: Path, control: Control, environment: Mapping[str, str], output: int | None = None
) -> Iterator[Stack]:
    """Run supervisord for the block, and end it and all it runs with the block; `output` is where all of them write.

    Ctrl-C, SIGTERM and a terminal that is closed end the block with SystemExit.
    """
    for number in _END_SIGNALS:
        signal.signal(number, _end)
    process = subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)],
        env=environment,
        stdout=output,
        stderr=output,
        start_new_session=True,  # Ctrl-C reaches us alone, and we end the rest in order
    )
    try:
        yield Stack(process, control)
    finally:
        for number in _END_SIGNALS:
            signal.signal(number, signal.SIG_IGN)  # ending once is enough, and must not be broken off
        process.terminate()
        process.wait()


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


def _not_ready(address: str) -> str:
    """Return why Timbre is not ready, or nothing if it is."""
    own_certificate = ssl.create_default_context()
    own_certificate.check_hostname, own_certificate.verify_mode = False, ssl.CERT_NONE
    try:
        with urllib.request.urlopen(f"{address}/health/ready", timeout=5, context=own_certificate):  # noqa: S310
            return ""
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError):
            return str(json.load(error).get("detail", error))
        return str(error)
    except OSError as error:
        return str(error)
