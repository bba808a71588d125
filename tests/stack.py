"""The whole product as `make run` starts it, once for all tests of a process: real NGINX, real processes, real engines.

A plugin of tests/conftest.py, as several folders use it.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest
from moto.server import ThreadedMotoServer

from shared.audio import encode
from shared.store import ModelStore
from tests.services.speaker.onnx_model import MAN_HZ, WOMAN_HZ, tone, write_model
from tests.shared.store import onnx_models
from tests.sounds import spoken
from tests.started import ROOT, Started

BUCKET = "timbre-test"
"""Of media and output, in `storage`."""
HAS_NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin")
IS_TRAINED = all((ROOT / "models" / name).is_dir() for name in ("gender", "age"))
SPEAKER_TASKS: dict[str, dict[str, object]] = {
    "speaker-gender": {},
    "speaker-age": {"licence": "CC-BY-NC-4.0", "noncommercial": True},
}
needs_nginx = pytest.mark.skipif(not HAS_NGINX, reason="needs NGINX: nginx-light")


@dataclass(frozen=True)
class Voices:
    """Recordings of one person each, as wav."""

    woman: bytes
    man: bytes

    @property
    def by_gender(self) -> dict[str, bytes]:
        return {"female": self.woman, "male": self.man}


def key_of(started: Started) -> str:
    return Path(started.folder, ".env").read_text().strip().removeprefix("TIMBRE_API_KEY=")


def client_of(started: Started, key: str) -> httpx.Client:
    """Return a client of the public address, with a key."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=f"http://127.0.0.1:{started.port}", headers=headers, timeout=70, trust_env=False)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real model of emotions, and a name for the engine that takes tones for words."""
    folder = tmp_path_factory.mktemp("models")
    shutil.copytree(ROOT / "models" / "emotion-minilm", folder / "emotion-minilm")
    made = tmp_path_factory.mktemp("keywords")
    (made / "model.onnx").write_bytes(onnx_models.model(onnx_models.tensor(raw=bytes(16))))
    about = {"name": "keywords", "version": "1", "task": "spoken-keyword", "engine": "onnx", "licence": "CC0-1.0"}
    (made / "manifest.json").write_text(json.dumps(about))
    store = ModelStore(str(folder), folder / "cache")
    store.publish(made, "keywords", "1")
    for task, facts in SPEAKER_TASKS.items():
        name = task.removeprefix("speaker-")
        if IS_TRAINED:
            shutil.copytree(ROOT / "models" / name, folder / name)
        else:
            store.publish(write_model(tmp_path_factory.mktemp(name), task, **facts), name, "1")
    return folder


@pytest.fixture(scope="session")
def voices() -> Voices:
    """Whom the models of speakers know: people, or the tones that stand for them."""
    if IS_TRAINED:
        return Voices(encode(spoken("slt"), "wav"), encode(spoken("rms"), "wav"))
    return Voices(encode(tone(WOMAN_HZ), "wav"), encode(tone(MAN_HZ), "wav"))


@dataclass(frozen=True)
class Storage:
    """S3 as the tests' own clients reach it; the environment of other tests is left alone."""

    address: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }

    @property
    def s3(self) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        return boto3.session.Session().client("s3", endpoint_url=self.address, **keys)


@pytest.fixture(scope="session")
def storage() -> Iterator[Storage]:
    """A server that speaks S3, with one bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    found = Storage("http://{}:{}".format(*server.get_host_and_port()))
    found.s3.create_bucket(Bucket=BUCKET)
    yield found
    server.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, models: Path, storage: Storage) -> Iterator[Started]:
    """All of Timbre on a free port, ready; limits out of the way of a test that calls often."""
    if not HAS_NGINX:
        pytest.skip("needs NGINX: nginx-light")
    real = {
        "TIMBRE_TTS_ENGINES": '["flite", "espeak"]',
        "TIMBRE_DEFAULT_VOICE": "slt",
        "TIMBRE_SENTIMENT_ENGINE": "onnx",
        "TIMBRE_KEYWORDS_ENGINE": "fake",
        "TIMBRE_STT_ENGINE": "pocketsphinx",
        "TIMBRE_SPEAKER_ENGINE": "onnx",
        "TIMBRE_BATCH_LOCATIONS": "recordings",
        "TIMBRE_MEDIA_LOCATIONS": f"s3://{BUCKET}",
        "TIMBRE_OUTPUT_LOCATIONS": f"s3://{BUCKET}",
    }
    roomy = {"TIMBRE_REQUESTS_PER_SECOND": "10000", "TIMBRE_BURST_REQUESTS": "10000", "TIMBRE_JOBS_PER_KEY": "1000"}
    folder = tmp_path_factory.mktemp("stack")
    with Started(folder, TIMBRE_MODELS=str(models), **storage.environment, **real, **roomy).running() as started:
        yield started


@pytest.fixture(scope="session")
def key(stack: Started) -> str:
    """The API key that the first start made."""
    return key_of(stack)


@pytest.fixture
def public(stack: Started, key: str) -> Iterator[httpx.Client]:
    """A client of the public address, with a key."""
    with client_of(stack, key) as client:
        yield client
