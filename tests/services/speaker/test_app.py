"""The service starts with the engine that is named, and with no other, nor without a model."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.speaker.app import create_app
from services.speaker.settings import SpeakerSettings
from shared.problems import ModelNotFound
from tests.services.speaker.conftest import Serve

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "there are: fake, fake-failing, fake-slow, onnx"), ("onnx", "ModelNotFound")],
)
def test_it_does_not_start_without_an_engine_or_models(tmp_path: Path, name: str, said: str) -> None:
    own = {"TIMBRE_SPEAKER_ENGINE": name, "TIMBRE_MODELS": str(tmp_path), "TIMBRE_LISTEN_PORT": "0"}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **own}
    command = [sys.executable, "-m", "shared.serve", "services.speaker.app"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode != 0
    assert said in ended.stderr


@pytest.mark.anyio
async def test_the_default_is_the_real_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TIMBRE_SPEAKER_ENGINE", raising=False)
    app = create_app(SpeakerSettings(models=str(tmp_path)))
    with pytest.raises(ModelNotFound):
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")


@pytest.mark.anyio
async def test_ready_after_the_start(serve: Serve) -> None:
    async with serve() as http:
        assert (await http.get("/health/ready")).status_code == 200
