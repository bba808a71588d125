"""One's own voice: recordings in a bucket become a voice that a running Timbre speaks with, in one command."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import numpy as np
import pytest

from shared.audio import AudioLimits, decode
from tests.e2e.test_voices import HOT, spoken, wait_for
from tests.shared.objects.s3_server import new_bucket, running_s3
from tests.stack import client_of, key_of, needs_nginx
from tests.started import ROOT, Started, patiently
from tests.training.voices.spoken_corpus import speak_corpus
from training.voices.history import HISTORY, read_history

pytestmark = [needs_nginx, pytest.mark.timeout(600)]
EPOCHS = 6


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A bucket with recordings of somebody under recordings/."""
    folder = speak_corpus(tmp_path_factory.mktemp("recordings"), minutes=1)
    with running_s3():
        s3 = boto3.client("s3")
        name = new_bucket(s3)
        for path in (path for path in folder.rglob("*") if path.is_file()):
            s3.upload_file(str(path), name, f"recordings/{path.relative_to(folder)}")
        yield f"s3://{name}"


def recipe(bucket: str, out: Path) -> "subprocess.Popen[str]":
    wanted = {
        "NAME": "ruth",
        "SPEAKER": "Ruth",
        "CONSENT": "I agree that my voice is made from these recordings.",
        "GENDER": "female",
        "EPOCHS": str(EPOCHS),
        "LISTEN": "2",
        "MODELS": f"{bucket}/models",
        "PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
    }
    command = [str(ROOT / "training" / "voices" / "run.sh"), f"{bucket}/recordings", str(out)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, env=os.environ | wanted, text=True, start_new_session=True, **pipes)


def test_from_a_bucket_of_recordings_to_speech(bucket: str, tmp_path: Path) -> None:
    places = {"TIMBRE_MODELS": f"{bucket}/models", "TIMBRE_MODELS_CACHE": str(tmp_path / "cache")}
    with Started(tmp_path, **places, **HOT).running() as started, client_of(started, key_of(started)) as http:
        out = tmp_path / "out"
        with recipe(bucket, out) as killed:
            assert any(len(read_history(out / "run")) >= 2 or killed.poll() for _ in patiently())
            os.killpg(killed.pid, signal.SIGKILL)
        assert spoken(http, "ruth").status_code == 404
        with recipe(bucket, out) as training:
            said, _ = training.communicate()
        assert training.returncode == 0, said
        assert [row["epoch"] for row in read_history(out / "run")] == list(range(1, EPOCHS + 1)), HISTORY
        wait_for(http, "ruth", "ruth/1")
        answer = spoken(http, "ruth")
        assert answer.headers["x-timbre-model"] == "ruth/1"
        sound = decode(answer.content, AudioLimits())
        assert 0.4 < len(sound.samples) / sound.sample_rate_hz < 6
        assert 0.005 < np.sqrt(np.mean(np.square(sound.samples))) < 0.3
