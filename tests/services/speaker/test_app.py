"""The service starts with the engine that is named, and with no other."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.speaker.app import create_app
from services.speaker.settings import SpeakerSettings
from tests.services.speaker.conftest import Serve

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["", "onnx"])
def test_no_engine_is_started_unasked(name: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TIMBRE_SPEAKER_ENGINE": name}
    command = [sys.executable, "-m", "shared.serve", "services.speaker.app"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert ended.stderr.rstrip().endswith(f"No engine {name!r}; there are: fake, fake-failing, fake-slow")


def test_the_default_names_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TIMBRE_SPEAKER_ENGINE", raising=False)
    with pytest.raises(LookupError):
        create_app(SpeakerSettings())


@pytest.mark.anyio
async def test_ready_after_the_start(serve: Serve) -> None:
    async with serve() as http:
        assert (await http.get("/health/ready")).status_code == 200
