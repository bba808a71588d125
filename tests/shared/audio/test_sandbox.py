"""What the locked child cannot do, seen in children of our own."""

import subprocess
import sys
from pathlib import Path

import pytest

LOCKED = "import socket\nfrom shared.audio.sandbox import lock_down\nlock_down(1, 32 << 20)\n"


def run_locked(attempt: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", LOCKED + attempt]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=Path.cwd(), check=False)


@pytest.mark.parametrize("attempt", ["open('/etc/passwd')", "socket.socket()", "import os; os.pipe()"])
def test_no_file_and_no_socket_can_be_opened(attempt: str) -> None:
    done = run_locked(attempt)
    assert done.returncode == 1
    assert "Too many open files" in done.stderr


def test_memory_is_limited() -> None:
    assert run_locked("x = bytearray(16 << 20)").returncode == 0
    assert "MemoryError" in run_locked("x = bytearray(64 << 20)").stderr


def test_time_is_limited() -> None:
    assert run_locked("while True: pass").returncode in (-9, -24)


def test_there_is_no_way_back() -> None:
    done = run_locked("import resource\nassert resource.getrlimit(resource.RLIMIT_NOFILE) == (0, 0)\n")
    assert done.returncode == 0, done.stderr
