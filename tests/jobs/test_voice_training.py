"""Training a voice as a job: a gateway, workers that are killed, and a recipe whose long steps are quick."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.jobs.settings import WorkerSettings
from gateway.jobs.voice_training_input import VoiceTrainingInput
from jobs.voice_training import recipe_settings
from shared.store import ModelStore
from tests.gateway.jobs.stack import Stack, ended, fetched, running, submitted
from tests.started import ROOT, command_of, patiently
from tests.training.voices.made_network import write_evaluation, write_network

pytestmark = pytest.mark.timeout(300)
RECIPE = ROOT / "training" / "voices" / "run.sh"
CONSENT = {"speaker": "Alice Smith", "statement": 'I agree; "$HOME" `id` stays as it is.', "given_on": "2026-01-31"}
_PYTHON = """#!/bin/sh
# Stands for Python with the packages for training: does what takes long by copying.
echo "$2" >>{folder}/steps
case $2 in
*.terms | *.package) exec {python} "$@" ;;
*.check) [ ! -e {folder}/refused ] || {{ cp {folder}/refused "$7"; exit 1; }}; echo '{{"is_refused": false}}' >"$7" ;;
*.train)
    mkdir -p "$4"; echo begun >>"$4/history.jsonl"
    [ ! -e {folder}/broken ] || {{ echo "Traceback (most recent call last):" >&2; exit 1; }}
    [ ! -e {folder}/held ] || exec {python} -c 'import time; time.sleep(600)' training-of-a-voice
    ;;
*.export) mkdir -p "$4"; cp {folder}/network/* "$4" ;;
*.evaluate) mkdir -p "$5"; cp -r {folder}/evaluation/. "$5" ;;
esac
"""


class Training:
    """A stack whose workers can train, with recordings and what stands for a training."""

    def __init__(self, folder: Path, stack: Stack) -> None:
        self.folder, self.stack = folder, stack
        self.recordings = folder / "recordings" / "alice"
        self.recordings.mkdir(parents=True)
        self.store = ModelStore(str(folder / "stack" / "models"), folder / "cache")

    def steps(self) -> list[str]:
        """Return the parts of the recipe that were called."""
        return [line.rpartition(".")[2] for line in (self.folder / "steps").read_text().split()]

    def hold(self) -> None:
        """Let the next training take its time."""
        (self.folder / "held").touch()

    def let_go(self) -> None:
        (self.folder / "held").unlink()

    def held(self) -> list[int]:
        """Return the processes that train."""
        numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
        ours = [number for number in numbers if "training-of-a-voice" in command_of(number)]
        return [number for number in ours if _folder_of(number) == str(self.folder)]


def _folder_of(number: int) -> str:
    try:
        environment = Path(f"/proc/{number}/environ").read_bytes().split(b"\0")
    except OSError:
        return ""
    return next((os.fsdecode(one[8:]) for one in environment if one.startswith(b"TRAINED=")), "")


@pytest.fixture
def training(tmp_path: Path) -> Iterator[Training]:
    python = tmp_path / "python"
    python.write_text(_PYTHON.format(folder=tmp_path, python=sys.executable))
    python.chmod(0o755)
    write_evaluation(tmp_path / "evaluation", write_network(tmp_path / "network"))
    settings = {
        "TIMBRE_VOICE_TRAINING_LOCATIONS": f"{tmp_path}/recordings",
        "TIMBRE_VOICE_TRAINING_PYTHON": str(python),
        "TIMBRE_VOICE_TRAINING_FOLDER": str(tmp_path / "trainings"),
        "TRAINED": str(tmp_path),
    }
    with running(tmp_path / "stack", "gateway", **settings) as stack:
        yield Training(tmp_path, stack)


@pytest.fixture
def http(training: Training) -> Iterator[httpx.Client]:
    with training.stack.client() as http:
        yield http


def body(training: Training, **members: Any) -> dict[str, Any]:
    told = {"url": str(training.recordings), "name": "alice", "consent": CONSENT}
    return {"kind": "voice-training", "input": {**told, **members}}


def test_a_voice_comes_into_the_store(training: Training, http: httpx.Client) -> None:
    training.stack.start("one")
    job_id = submitted(http, body(training, gender="female", licence="private", epochs=3))
    job = ended(http, job_id)
    assert job["state"] == "succeeded", (job, training.stack.log("one"))
    made = fetched(http, job)
    assert json.loads(made["check"]) == {"is_refused": False}
    assert json.loads(made["figures"])["word_error_rate"] == 0.25
    voice = training.store.fetch("alice").manifest
    assert voice.consent
    assert voice.consent.model_dump(exclude_none=True) == {
        "speaker": "Alice Smith",
        "basis": CONSENT["statement"],
        "given_on": "2026-01-31",
    }
    assert (voice.licence, voice.parameters["gender"], voice.version) == ("private", "female", "1")
    assert training.steps() == ["terms", "check", "prepare", "train", "export", "evaluate", "package"]
    assert not list((training.folder / "trainings").iterdir())
    log = training.stack.log("one") + training.stack.log("gateway")
    assert not any(word in log for word in ("alice", "Alice", str(training.recordings)))


def test_a_worker_that_is_killed_is_followed_by_another(training: Training, http: httpx.Client) -> None:
    training.hold()
    training.stack.start("one")
    job_id = submitted(http, body(training))
    assert any(training.held() for _ in patiently()), training.stack.log("one")
    job = http.get(f"/v1/jobs/{job_id}").json()
    assert (job["state"], job["step"], job["progress"]) == ("running", "train", 0.333)
    training.stack.kill("one")
    assert any(not training.held() for _ in patiently()), "it outlives its worker"
    training.let_go()
    training.stack.start("two")
    assert ended(http, job_id)["state"] == "succeeded", training.stack.log("two")
    assert training.steps().count("prepare") == 1
    assert training.steps().count("train") == 2


def test_a_job_that_is_cancelled_trains_no_more(training: Training, http: httpx.Client) -> None:
    training.hold()
    training.stack.start("one")
    job_id = submitted(http, body(training))
    assert any(training.held() for _ in patiently()), training.stack.log("one")
    assert http.delete(f"/v1/jobs/{job_id}").status_code == 200
    assert any(not training.held() for _ in patiently())
    assert not training.store.list()


def test_recordings_that_the_check_refuses(training: Training, http: httpx.Client) -> None:
    findings = [
        {"level": "refused", "what": "There is too little.", "mend": "Record more."},
        {"level": "warning", "what": "There is noise.", "mend": "Wait for the night."},
    ]
    (training.folder / "refused").write_text(json.dumps({"is_refused": True, "findings": findings}))
    training.stack.start("one")
    job = ended(http, submitted(http, body(training)))
    assert job["state"] == "failed"
    assert job["error"]["status"] == 400
    told = "No voice can be trained on these recordings. There is too little. Record more."
    assert (job["error"]["detail"], job["error"]["param"]) == (told, "input.url")


def test_a_name_that_is_taken(training: Training, http: httpx.Client) -> None:
    training.stack.start("one")
    assert ended(http, submitted(http, body(training)))["state"] == "succeeded"
    job = ended(http, submitted(http, body(training)))
    assert job["state"] == "failed"
    assert "There is a model alice already" in job["error"]["detail"]
    assert training.steps().count("train") == 1


@pytest.mark.parametrize(
    ("members", "status", "param"),
    [
        ({"url": "/etc"}, 403, "input.url"),
        ({"url": "s3://another"}, 403, "input.url"),
        ({"consent": None}, 400, "input.consent"),
        ({"consent": {**CONSENT, "statement": "yes"}}, 400, "input.consent.statement"),
        ({"consent": {**CONSENT, "given_on": "2999-01-01"}}, 400, "input.consent.given_on"),
        ({"consent": {**CONSENT, "speaker": " "}}, 400, "input.consent.speaker"),
        ({"name": "../alice"}, 400, "input.name"),
        ({"network": "../vits"}, 400, "input.network"),
        ({"language": "en us"}, 400, "input.language"),
        ({"epochs": 0}, 400, "input.epochs"),
    ],
)
def test_what_is_no_job(
    training: Training, http: httpx.Client, members: dict[str, Any], status: int, param: str
) -> None:
    answer = http.post("/v1/jobs", json=body(training, **members))
    assert (answer.status_code, answer.json().get("param")) == (status, param), answer.text


def test_an_operator_who_allows_none(tmp_path: Path) -> None:
    with running(tmp_path / "stack", "gateway") as stack, stack.client() as http:
        order = {"url": "/srv/alice", "name": "alice", "consent": CONSENT}
        answer = http.post("/v1/jobs", json={"kind": "voice-training", "input": order})
    assert (answer.status_code, answer.json()["type"]) == (501, "urn:timbre:problem:not-served")


def test_the_recipe_is_there() -> None:
    assert os.access(RECIPE, os.X_OK)


def test_the_recipe_reads_nothing_that_the_worker_happens_to_have_in_its_environment() -> None:
    order = VoiceTrainingInput.model_validate({"url": "/srv/alice", "name": "alice", "consent": CONSENT})
    read = set(re.findall(r"\$\{([A-Z_]+):=", RECIPE.read_text()))
    assert {"NAME", "SIZE", "LISTEN", "PARTS"} < read
    assert read <= recipe_settings(WorkerSettings(), order).keys() | {"PARTS"}
