"""The whole product as `make run` starts it: real NGINX, real processes, real engines where there are some."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from shared.store import ModelStore
from tests.shared.store import onnx_models
from tests.started import ROOT, Started


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model of emotions, and a name for the engine that takes tones for words."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(ROOT / "models" / "emotion-minilm", folder / "emotion-minilm")
    made = tmp_path_factory.mktemp("keywords")
    (made / "model.onnx").write_bytes(onnx_models.model(onnx_models.tensor(raw=bytes(16))))
    about = {"name": "keywords", "version": "1", "task": "spoken-keyword", "engine": "onnx", "licence": "CC0-1.0"}
    (made / "manifest.json").write_text(json.dumps(about))
    ModelStore(str(folder), folder / "cache").publish(made, "keywords", "1")
    return folder


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Started]:
    """All of Timbre on a free port, ready; limits out of the way of a test that calls often."""
    if not shutil.which("nginx", path="/usr/sbin:/usr/bin"):
        pytest.skip("needs NGINX: nginx-light")
    real = {
        "TIMBRE_TTS_ENGINES": '["flite", "espeak"]',
        "TIMBRE_DEFAULT_VOICE": "slt",
        "TIMBRE_SENTIMENT_ENGINE": "onnx",
        "TIMBRE_KEYWORDS_ENGINE": "fake",
        "TIMBRE_STT_ENGINE": "pocketsphinx",
        "TIMBRE_SPEAKER_ENGINE": "fake",  # there is no other yet
        "TIMBRE_BATCH_LOCATIONS": "recordings",
    }
    roomy = {"TIMBRE_REQUESTS_PER_SECOND": "10000", "TIMBRE_BURST_REQUESTS": "10000"}
    folder = tmp_path_factory.mktemp("stack")
    started = Started(folder, TIMBRE_MODELS=str(models), **real, **roomy)
    started.welcome()
    yield started
    started.process.terminate()
    started.process.wait(60)


@pytest.fixture(scope="session")
def key(stack: Started) -> str:
    """The API key that the first start made."""
    return Path(stack.folder, ".env").read_text().strip().removeprefix("TIMBRE_API_KEY=")


@pytest.fixture
def public(stack: Started, key: str) -> Iterator[httpx.Client]:
    """A client of the public address, with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(
        base_url=f"http://127.0.0.1:{stack.port}", headers=headers, timeout=60, trust_env=False
    ) as client:
        yield client
