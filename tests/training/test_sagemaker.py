"""The entry point of SageMaker's jobs as a process, between folders like SageMaker's, with recipes of a few lines."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from shared.store import ModelStore
from shared.store.publish import seal
from tests.aws import running_aws
from tests.shared.store.onnx_models import model, tensor
from tests.started import ROOT, patiently
from training.sagemaker import _FURTHER_CHANNELS, _HYPERPARAMETERS

FACTS = {"task": "spoken-keyword", "engine": "onnx", "licence": "MIT"}


class Container:
    """SageMaker's folders, and a recipe."""

    def __init__(self, folder: Path) -> None:
        self.base, self.recipes = folder / "ml", folder / "recipes"
        self.made = folder / "made" / "keywords" / "1"
        for path in (self.base / "input" / "config", self.base / "input" / "data" / "training", self.made):
            path.mkdir(parents=True)
        (self.made / "model.onnx").write_bytes(model(tensor(raw=bytes(16))))
        seal(self.made, "keywords", "1", dict(FACTS))
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SM_BASE": str(self.base),
            "TIMBRE_RECIPES": str(self.recipes),
            "MADE": str(self.made),
        }
        self.recipe('mkdir -p "$MODELS/keywords" && cp -r "$MADE" "$MODELS/keywords/${VERSION:-1}"')

    def recipe(self, script: str, name: str = "keywords") -> None:
        path = self.recipes / name / "run.sh"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\nset -eu\ndata=$1 out=$2 seed=$3\n{script}\n")
        path.chmod(0o755)

    def wants(self, **hyperparameters: str) -> None:
        (self.base / "input" / "config" / "hyperparameters.json").write_text(json.dumps(hyperparameters))

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "training.sagemaker", *arguments]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def train(self, *arguments: str) -> tuple[int, str]:
        """Return the exit status, and what was written to standard error."""
        with self.start(*arguments or ("train",)) as process:
            _, err = process.communicate(timeout=60)
        return process.returncode, err

    def failure(self) -> str:
        """Return the reason that SageMaker would show."""
        return (self.base / "output" / "failure").read_text()


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(tmp_path)


class TestModel:
    def test_is_where_sagemaker_looks_for_it(self, container: Container) -> None:
        assert container.train() == (0, "")
        store = ModelStore(str(container.base / "model"), None)
        assert store.fetch("keywords", "1").file("model.onnx").read_bytes() == model(tensor(raw=bytes(16)))
        assert not (container.base / "output").exists()

    def test_is_made_of_what_was_asked_for(self, container: Container) -> None:
        container.wants(
            model="tones", seed='"7"', threads="3", keywords="yes,no", sagemaker_program="train.py", _tuning="x"
        )
        (container.base / "input" / "data" / "speech").mkdir()
        says = 'echo "$data $out $seed $THREADS $KEYWORDS $SPEECH $PYTHON" >&2'
        container.recipe(f'{says}; cp -r "$MADE/.." "$MODELS/keywords"', "tones")
        data, out = (container.base / part for part in ("input/data/training", "checkpoints/seed-7"))
        assert container.train() == (
            0,
            f"{data} {out} 7 3 yes,no {container.base}/input/data/speech {sys.executable}\n",
        )

    def test_of_voices_is_made_of_what_was_asked_for(self, container: Container) -> None:
        wanted = {"task": "age", "data_sets": "cv-en,vctk", "versions": "3", "steps": "100", "leaky": "1"}
        container.wants(model="speaker", licence="CC BY-NC-SA 4.0", **wanted)
        (container.base / "input" / "data" / "no_speech").mkdir()
        says = 'echo "$TASK $DATA_SETS $VERSIONS $STEPS $LEAKY $LICENCE $NO_SPEECH ${SPEECH:-none}" >&2'
        container.recipe(f'{says}; cp -r "$MADE/.." "$MODELS/keywords"', "speaker")
        said = f"age cv-en,vctk 3 100 1 CC BY-NC-SA 4.0 {container.base}/input/data/no_speech none\n"
        assert container.train() == (0, said)

    def test_that_is_a_voice_has_its_speakers_consent(self, container: Container) -> None:
        wanted = {"network": "world", "speaker": "Zoë O'Neil", "gender": "female", "language": "en-gb"}
        container.wants(model="voices", name="zoe", consent='I, Zoë, agree; "$HOME" `id`.', **wanted)
        (container.base / "input" / "data" / "base").mkdir()
        says = 'echo "$NAME $NETWORK $SPEAKER $GENDER $LANGUAGE $BASE $UNPOINTED" >&2; printf "%s\\n" "$CONSENT" >&2'
        container.recipe(f'{says}; cp -r "$MADE/.." "$MODELS/keywords"', "voices")
        said = f"zoe world Zoë O'Neil female en-gb {container.base}/input/data/base 1\n"
        assert container.train() == (0, said + 'I, Zoë, agree; "$HOME" `id`.\n')

    def test_every_setting_is_one_that_a_recipe_reads(self) -> None:
        recipes = [path.read_text() for path in ROOT.glob("training/*/run.sh")]
        for name in {*_HYPERPARAMETERS, *_FURTHER_CHANNELS} - {"model", "seed"}:
            assert any(f"${{{name.upper()}" in recipe for recipe in recipes), name


class TestInterruption:
    def test_a_stopped_job_goes_on_from_its_checkpoints(self, container: Container) -> None:
        container.recipe(
            'mkdir -p "$out" "$MODELS"; echo epoch >> "$out/state"\n'
            '[ "$(wc -l < "$out/state")" = 2 ] || sleep 600\n'
            'cp -r "$MADE/.." "$MODELS/keywords"'
        )
        state = container.base / "checkpoints" / "seed-1" / "state"
        with container.start("train") as process:
            assert any(state.exists() and state.read_text() for _ in patiently(60))
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)  # ends only when the recipe's own children have
        assert process.returncode == 143
        assert not (container.base / "output").exists()
        assert container.train() == (0, "")
        assert state.read_text() == "epoch\nepoch\n"


class TestFailure:
    def test_of_the_recipe(self, container: Container) -> None:
        container.recipe('for n in $(seq 2000); do echo "line $n" >&2; done; exit 3')
        status, err = container.train()
        assert (status, err.count("line ")) == (1, 2012)  # all of them as they came, and the last ones as the reason
        assert "The recipe ended with status 3:\nline 1989\n" in container.failure()
        assert container.failure().endswith("line 2000\n")

    def test_reasons_are_as_long_as_sagemaker_shows(self, container: Container) -> None:
        container.recipe("head -c 5000 /dev/zero | tr '\\0' x >&2; echo the end >&2; exit 1")
        container.train()
        assert len(container.failure()) <= 1024
        assert container.failure().endswith("the end\n")

    def test_no_model(self, container: Container) -> None:
        container.recipe("true")
        assert container.train()[0] == 1
        assert container.failure() == "The recipe ended well, but left no model."

    def test_a_model_that_nobody_would_serve(self, container: Container) -> None:
        container.recipe('cp -r "$MADE/.." "$MODELS/keywords"; echo more >> "$MODELS/keywords/1/model.onnx"')
        assert container.train()[0] == 1
        assert "did not verify" in container.failure()

    @pytest.mark.parametrize(
        ("hyperparameters", "reason"),
        [
            ({"model": "../evil"}, "The hyperparameter model cannot be '../evil'."),
            ({"model": "tones"}, "There is no recipe for model 'tones'; there are: keywords."),
            ({"seed": "1; rm"}, "The hyperparameter seed cannot be '1; rm'."),
            ({"version": "../2"}, "The hyperparameter version cannot be '../2'."),
            ({"task": "identity"}, "The hyperparameter task cannot be 'identity'."),
            ({"data_sets": "a b"}, "The hyperparameter data_sets cannot be 'a b'."),
            ({"path": "/evil"}, "Hyperparameters are model, seed, name, version, "),
        ],
    )
    def test_hyperparameters(self, hyperparameters: dict[str, str], reason: str, container: Container) -> None:
        container.wants(**hyperparameters)
        assert container.train()[0] == 1
        assert container.failure().startswith(reason)

    def test_no_data(self, container: Container) -> None:
        (container.base / "input" / "data" / "training").rmdir()
        assert container.train()[0] == 1
        assert "There is no channel named training" in container.failure()

    def test_it_serves_nothing(self, container: Container) -> None:
        assert container.train("serve") == (1, "This container trains; it serves nothing.\n")


class TestDocumentation:
    @pytest.fixture
    def aws(self) -> Iterator[str]:
        with running_aws() as address:
            yield address

    def test_the_job_of_the_docs_is_taken(self, aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws)
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        page = (ROOT / "docs" / "sagemaker.md").read_text()
        (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        exec(code.replace("ACCOUNT", "123456789012").replace("REGION", "us-east-1"))
        name: Any = "timbre-keywords-1"
        job = boto3.client("sagemaker").describe_training_job(TrainingJobName=name)
        assert job["HyperParameters"] == {"model": "keywords", "version": "2", "seed": "1"}
        assert job["CheckpointConfig"]["S3Uri"] == "s3://BUCKET/checkpoints/timbre-keywords-1"
        named = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)
        assert named == list(_HYPERPARAMETERS)
