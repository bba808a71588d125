"""`make run` once all is installed: real processes, with engines that need no model."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.started import Started, command_of, patiently

pytestmark = [
    pytest.mark.skipif(not shutil.which("nginx", path="/usr/sbin:/usr/bin"), reason="needs NGINX: nginx-light"),
    pytest.mark.timeout(300),
]


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
    alive = [command for number, command in processes.items() if command and command_of(number) == command]
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
        ({"TIMBRE_KEYWORDS_ENGINE": "onnx", "TIMBRE_MODELS": "nowhere"}, "There is no model keywords in nowhere."),
        (
            {"TIMBRE_STT_MODEL": "whisper-small", "TIMBRE_MODELS": "nowhere"},
            "There is no model whisper-small in nowhere. Name the folder or bucket that has it in TIMBRE_MODELS, or "
            "fetch it: ./timbre models pull whisper-small",
        ),
        (
            {"TIMBRE_SPEAKER_ENGINE": "onnx", "TIMBRE_MODELS": "nowhere"},
            "There is no model gender or age in nowhere.",
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
