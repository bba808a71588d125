"""The image that SageMaker trains in, built and run as SageMaker does: folders in, a model out, stopped in between."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.keywords.engines.onnx import Onnx
from shared.store import ModelStore
from tests.e2e.engine import Engine, engine
from tests.started import patiently
from tests.training.keywords.words import write_words
from tests.training.voices.spoken_corpus import speak_corpus

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600)]
IMAGE, VOICES_IMAGE = "timbre-training:test", "timbre-training:test-voices"
MOST_MB = 2_700
"""TensorFlow alone has 1,300."""
VOICES_PACKAGES = "g++ python3-dev libespeak-ng1 espeak-ng-data"
TORCH_INDEX = os.environ.get("TIMBRE_TEST_TORCH_INDEX", "")


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with engine(tmp_path_factory.mktemp("docker")) as found:
        if found is None:
            pytest.skip("needs a docker engine with Compose 2: start one, or name scripts in TIMBRE_TEST_DOCKER_TOOLS")
        yield found


@pytest.fixture(scope="module")
def built(docker: Engine) -> Engine:
    return build(docker, IMAGE, "MODEL=keywords")


@pytest.fixture(scope="module")
def voices_built(docker: Engine) -> Engine:
    if not TORCH_INDEX:
        pytest.skip("name an index with torch's CPU builds in TIMBRE_TEST_TORCH_INDEX: others bring 5 GB for GPUs")
    told = (f"PACKAGES={VOICES_PACKAGES}", f"PIP_EXTRA_INDEX_URL={TORCH_INDEX}")
    return build(docker, VOICES_IMAGE, "MODEL=voices", *told)


def build(docker: Engine, image: str, *arguments: str) -> Engine:
    told = [part for argument in arguments for part in ("--build-arg", argument)]
    command = ("docker", "build", "-q", "--network=host", "-f", "training/Dockerfile", *told, "-t", image, ".")
    docker.run(*command, timeout_seconds=2400, DOCKER_BUILDKIT="1")
    return docker


class Job:
    """A training job between folders like SageMaker's."""

    def __init__(self, engine: Engine, base: Path, image: str = IMAGE, **hyperparameters: str) -> None:
        self.engine, self.base, self.image = engine, base, image
        config = base / "input" / "config"
        config.mkdir(parents=True)
        (config / "hyperparameters.json").write_text(json.dumps(hyperparameters))
        self.history = base / "checkpoints" / "seed-1" / "judged" / "history.csv"

    def start(self) -> str:
        """Start a container; return its name."""
        return self.engine.run("docker", "run", "-d", "-v", f"{self.base}:/opt/ml", self.image, "train").strip()

    def end(self, container: str) -> tuple[int, str]:
        """Wait for its end; return its status and what it said."""
        try:
            status = int(self.engine.run("docker", "wait", container, timeout_seconds=1800))
            return status, self.engine.run("docker", "logs", container)
        finally:
            self.engine.run("docker", "rm", "-f", container)


def test_a_job_that_is_stopped_and_started_anew_leaves_a_model_to_serve(built: Engine, tmp_path: Path) -> None:
    wanted = {"name": "tones", "version": "2", "keywords": "yes,no", "epochs": "20", "teachers": '""'}
    job = Job(built, tmp_path, model="keywords", **wanted)
    write_words(tmp_path / "input" / "data" / "training", "yes", "no", "happy")
    stopped = job.start()
    assert any(job.history.exists() for _ in patiently(1200))
    built.run("docker", "stop", "-t", "120", stopped)
    assert job.end(stopped)[0] == 143
    done = job.history.read_text().splitlines()
    assert len(done) < 21
    status, said = job.end(job.start())
    assert status == 0, said
    rows = job.history.read_text().splitlines()
    assert (rows[: len(done)], len(rows)) == (done, 21)
    model = Onnx(ModelStore(str(tmp_path / "model"), None).fetch("tones", "2"), threads=1)
    assert model.labels == ("yes", "no", "unknown", "silence")
    assert not (tmp_path / "output").exists()


def test_a_job_learns_a_voice(voices_built: Engine, tmp_path: Path) -> None:
    told = {"speaker": "Ruth", "consent": "I, Ruth, agree to this test.", "unchecked": "1", "epochs": "2"}
    job = Job(voices_built, tmp_path, VOICES_IMAGE, model="voices", name="ruth", version="3", **told)
    speak_corpus(tmp_path / "input" / "data" / "training", minutes=1)
    status, said = job.end(job.start())
    assert status == 0, said
    voice = ModelStore(str(tmp_path / "model"), None).fetch("ruth", "3").manifest
    assert voice.consent
    assert (voice.engine, voice.consent.speaker, [way.voice for way in voice.voices]) == ("world", "Ruth", ["ruth"])


def test_a_job_without_data_tells_why(built: Engine, tmp_path: Path) -> None:
    job = Job(built, tmp_path)
    assert job.end(job.start())[0] == 1
    assert "no channel named training" in (tmp_path / "output" / "failure").read_text()


def test_the_image_is_no_larger_than_its_packages(built: Engine) -> None:
    size_mb = int(built.run("docker", "image", "inspect", "-f", "{{.Size}}", IMAGE)) / 1e6
    sys.__stdout__ and sys.__stdout__.write(f"\nimage {IMAGE}: {size_mb:.0f} MB\n")
    assert size_mb < MOST_MB
    files = built.run("docker", "run", "--rm", "--entrypoint", "find", IMAGE, "/app", "-maxdepth", "1")
    assert sorted(re.findall(r"/app/(\w+)\n", files)) == ["services", "shared", "training"]
