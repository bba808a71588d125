"""Recordings, and jobs that predict who speaks in them."""

from typing import Any

import httpx

from shared.audio import encode
from tests.gateway.jobs.stack import Stack
from tests.sounds import buzz, silence
from tests.started import patiently

WOMAN = encode(buzz(220, 2), "wav")
MAN = encode(buzz(110, 2), "wav")
NOBODY = encode(silence(2), "wav")
BROKEN = WOMAN[:12] + b"what follows is no sound" * 10


def uploaded(client: httpx.Client, recording: bytes, name: str = "recording.wav") -> str:
    """Send a recording and return the id of its file."""
    answer = client.post("/v1/files", files={"file": (name, recording)}, data={"purpose": "user_data"})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def prediction_of(file_id: str) -> dict[str, Any]:
    """Return the body of a job that predicts who speaks in a file."""
    return {"kind": "speaker-prediction", "input": {"file": file_id}}


def wait_until_busy(stack: Stack) -> None:
    """Wait until the stack's speaker service works on a recording."""
    assert any(_answered_now(stack) for _ in patiently(60)), stack.log("speaker")


def wait_until_idle(stack: Stack) -> None:
    """Wait until the stack's speaker service works on no recording."""
    assert any(not _answered_now(stack) for _ in patiently(60)), stack.log("speaker")


def _answered_now(stack: Stack) -> int:
    text = httpx.get(f"{stack.url('speaker')}/metrics", trust_env=False).text
    (line,) = [line for line in text.splitlines() if line.startswith("timbre_requests_in_progress ")]
    return int(float(line.split()[-1])) - 1  # this question is one of them
