"""`make run` once all is installed: real processes, with engines that need no model."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[3]

pytestmark = [
    pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="needs NGINX: nginx-light"),
    pytest.mark.timeout(300),
]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


class Started:
    """`python -m deploy.local.start` in a folder of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = int(settings.setdefault("TIMBRE_PORT", str(free_port())))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("TIMBRE_")}
        environment |= {
            "PYTHONPATH": str(ROOT),
            "TIMBRE_TTS_ENGINES": '["fake"]',
            "TIMBRE_DEFAULT_VOICE": "fake",
            "TIMBRE_SENTIMENT_ENGINE": "fake",
            **settings,
        }
        self.folder = folder
        with (folder / "output").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local.start"], cwd=folder, env=environment, stdout=output, stderr=output
            )

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def welcome(self) -> str:
        """Wait for the lines that greet the user and return them."""
        for _ in patiently():
            assert self.process.poll() is None, self.output
            if found := re.search(r"\nTimbre is ready at .*Ctrl-C ends Timbre", self.output, re.DOTALL):
                return found[0]
        raise AssertionError(self.output)

    def processes(self) -> dict[int, str]:
        """Return the command line of every process that descends from this one, by process id."""
        parents = {int(stat.parent.name): _parent(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
        found, fresh = {self.process.pid}, {self.process.pid}
        while fresh:
            fresh = {child for child, parent in parents.items() if parent in fresh} - found
            found |= fresh
        return {number: _command(number) for number in found}

    def get(self, path: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", trust_env=False)


def _parent(stat: Path) -> int:
    with contextlib.suppress(OSError):
        return int(stat.read_text().rpartition(")")[2].split()[1])
    return 0


def _command(number: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{number}/cmdline").read_text().replace("\0", " ")
    return ""


def patiently(seconds: float = 120) -> Iterator[None]:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.05)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    stack = Started(tmp_path)
    yield stack
    stack.process.terminate()
    stack.process.wait(60)


def test_welcome_speaks_survives_a_crash_and_leaves_nothing_behind(started: Started) -> None:
    welcome = started.welcome()
    key = started.folder.joinpath(".env").read_text().strip().removeprefix("TIMBRE_API_KEY=")
    assert f"http://localhost:{started.port}\n" in welcome
    assert f"API key, also in .env: {key}\n" in welcome

    command = re.search(r"\n  (curl .*?)\n\n", welcome, re.DOTALL)
    assert command
    subprocess.run(["sh", "-c", command[1]], cwd=started.folder, check=True, capture_output=True, timeout=60)
    speech = (started.folder / "speech.mp3").read_bytes()
    assert speech[:3] == b"ID3" or speech[0] == 0xFF
    assert len(speech) > 10_000

    processes = started.processes()
    (tts,) = [number for number, command in processes.items() if command.rstrip().endswith("services.tts.app")]
    os.kill(tts, signal.SIGKILL)
    for _ in patiently():
        if started.get("/health/ready").status_code == 503:
            break
    for _ in patiently():
        if started.get("/health/ready").status_code == 200:
            break
    processes |= started.processes()

    started.process.send_signal(signal.SIGINT)
    assert started.process.wait(60) == 0
    alive = [command for number, command in processes.items() if command and _command(number) == command]
    assert not alive
    with pytest.raises(httpx.ConnectError):
        started.get("/health/live")


def test_process_that_cannot_start_is_named(tmp_path: Path) -> None:
    stack = Started(tmp_path, TIMBRE_TTS_ENGINES='["none"]')
    assert stack.process.wait(120) == 1
    assert "Timbre cannot start.\ntts ended before it was ready" in stack.output
    assert "No engine 'none'" in stack.output


def test_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        stack = Started(tmp_path, TIMBRE_PORT=str(port))
        assert stack.process.wait(60) == 1
    assert f"Port {port} of 127.0.0.1 is in use. Choose another: TIMBRE_PORT={port + 1} make run" in stack.output
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"TIMBRE_SENTIMENT_ENGINE": "onnx", "TIMBRE_MODELS": "nowhere"},
            "There is no model emotion-minilm in nowhere.",
        ),
        ({"TIMBRE_HOST": "203.0.113.1"}, "cannot be used"),
        ({"TIMBRE_START_SECONDS": "soon"}, "TIMBRE_START_SECONDS: "),
        ({"TIMBRE_API_KEY": "weak"}, "Timbre cannot start."),
    ],
)
def test_wrong_setting_is_told(tmp_path: Path, settings: dict[str, str], message: str) -> None:
    stack = Started(tmp_path, **settings)
    assert stack.process.wait(60) == 1
    assert message in stack.output
    assert "Traceback" not in stack.output
