"""Recordings, and jobs that predict who speaks in them."""

from typing import Any

import httpx

from shared.audio import encode
from tests.sounds import buzz, silence

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
