"""The service starts with the model in use, and not without one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.keywords.app import create_app
from services.keywords.settings import KeywordsSettings
from tests.services.keywords.conftest import Serve

ROOT = Path(__file__).parents[3]


def test_without_a_model_it_does_not_start(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TIMBRE_MODELS": str(tmp_path), "TIMBRE_LISTEN_PORT": "0"}
    command = [sys.executable, "-m", "shared.serve", "services.keywords.app"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, check=False)
    assert ended.returncode != 0
    assert "ModelNotFound" in ended.stderr


@pytest.mark.anyio
async def test_an_engine_that_does_not_exist() -> None:
    app = create_app(KeywordsSettings(keywords_engine="pytorch"))
    with pytest.raises(LookupError, match="there are: fake, onnx"):
        async with app.router.lifespan_context(app):
            raise AssertionError("it started")


@pytest.mark.anyio
async def test_ready_after_the_start(serve: Serve) -> None:
    async with serve() as http:
        assert (await http.get("/health/ready")).status_code == 200
