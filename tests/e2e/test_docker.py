"""The containers, for real: built, started, spoken with, scaled, stopped under load, taken down."""

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import httpx
import numpy as np
import pytest
from jiwer import wer

from services.stt.engine import ENGINES
from shared.audio import Sound, encode
from tests.compat.polly.conftest import LEXEME, pls
from tests.e2e.engine import ROOT, Engine, engine
from tests.ports import free_port

pytestmark = [pytest.mark.docker, pytest.mark.timeout(3600)]
SERVICES = ("nginx", "gateway", "jobs", "tts", "sentiment", "keywords", "stt", "speaker")
MODELS = {
    "emotion-minilm": "TIMBRE_SENTIMENT_ENGINE",
    "keywords": "TIMBRE_KEYWORDS_ENGINE",
    "gender": "TIMBRE_SPEAKER_ENGINE",
}
MOST_MB = {"stt": 950}  # five engines: CTranslate2 alone has 150 MB, LiteRT 60
TORCH_INDEX = os.environ.get("TIMBRE_TEST_TORCH_INDEX", "")
PARAGRAPH = "We won the cup! Then the last train was cancelled. That makes me furious. I missed you. It leaves at nine."


class Stack:
    """The compose project under test."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.port = free_port()
        self.key = ""
        own = {"TIMBRE_API_KEY": ""}  # whatever .env says
        self.settings = {"TIMBRE_PORT": str(self.port), "COMPOSE_PROJECT_NAME": "timbre-test", **own}
        for model, setting in MODELS.items():
            if not (ROOT / "models" / model).is_dir():
                self.settings[setting] = "fake"

    def compose(self, *arguments: str) -> str:
        return self.engine.run(*self.engine.compose, *arguments, timeout_seconds=1800, **self.settings)

    def containers(self, service: str) -> list[str]:
        return self.compose("ps", "-q", service).split()

    def inspect(self, container: str) -> dict[str, Any]:
        return dict(json.loads(self.engine.run("docker", "inspect", container))[0])

    def client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=60, trust_env=False)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with engine(tmp_path_factory.mktemp("docker")) as found:
        if found is None:
            pytest.skip("needs a docker engine with Compose 2: start one, or name scripts in TIMBRE_TEST_DOCKER_TOOLS")
        stack = Stack(found)
        try:
            stack.compose("up", "-d", "--build", "--wait")
            logged = re.search(r"first API key, shown only now: (\S+)", stack.compose("logs", "gateway"))
            assert logged
            stack.key = logged[1]
            yield stack
        finally:
            stack.compose("down", "-v", "--remove-orphans")


class Load:
    """Callers that ask for speech again and again while the block lasts."""

    def __init__(self, stack: Stack, callers: int = 4) -> None:
        self.statuses: Counter[int | str] = Counter()
        self._stack = stack
        self._end = threading.Event()
        self._callers = [threading.Thread(target=self._call) for _ in range(callers)]

    def __enter__(self) -> "Load":
        for caller in self._callers:
            caller.start()
        self.wait_for(8)
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for caller in self._callers:
            caller.join()

    def wait_for(self, answers: int) -> None:
        """Return when so many more answers have come."""
        wanted = self.statuses.total() + answers
        while self.statuses.total() < wanted:
            time.sleep(0.05)

    def _call(self) -> None:
        with self._stack.client() as client:
            while not self._end.is_set():
                try:
                    answer = client.post("/v1/audio/speech", json={"model": "timbre", "input": "Hi.", "voice": "slt"})
                    self.statuses[answer.status_code if answer.content else "empty"] += 1
                except httpx.HTTPError as error:
                    self.statuses[type(error).__name__] += 1


def upstreams_logged(stack: Stack) -> set[str]:
    """Return the addresses that answered calls for speech, by NGINX's log."""
    lines = re.findall(r'\{"time".*"route":"/v1/audio/speech".*\}', stack.compose("logs", "nginx"))
    return {json.loads(line)["upstream"].split(", ")[-1] for line in lines}


def test_speaks_a_paragraph(stack: Stack) -> None:
    with stack.client() as client:
        answer = client.post("/v1/speech/emotional", json={"text": PARAGRAPH})
        refused = client.post("/v1/speech/emotional", json={"text": PARAGRAPH}, headers={"Authorization": "Bearer no"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    assert len(answer.content) > 20_000
    assert refused.status_code == 401


@pytest.mark.parametrize("kind", ["wav", "mp3"])
def test_listens_to_a_recording(stack: Stack, kind: str) -> None:
    silence = encode(Sound(np.zeros(16_000, np.float32), 16_000), kind)
    with stack.client() as client:
        answer = client.post("/v1/audio/keywords", files={"file": silence})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["keyword"], answer.json()["matches"]) == ("silence", [])


def test_what_is_spoken_comes_back_as_text(stack: Stack) -> None:
    sentence = "the meeting was moved to thursday because of the weather"
    with stack.client() as client:
        order = {"model": "timbre", "voice": "rms", "input": sentence}
        speech = client.post("/v1/audio/speech", json=order).content
        answer = client.post("/v1/audio/transcriptions", files={"file": ("a.mp3", speech)}, data={"model": "whisper-1"})
    assert answer.status_code == 200, answer.text
    assert wer(sentence, answer.json()["text"].lower().strip(" .")) <= 0.4


def test_awss_own_client_is_let_in_and_its_lexicon_is_heard(stack: Stack) -> None:
    keys = ("exec", "-T", "gateway", "python", "-m", "gateway.keys")
    stack.compose(*keys, "create", "--name", "aws")
    told = stack.compose(*keys, "aws", "--name", "aws").split()
    access, secret = (setting.partition("=")[2] for setting in told if "=" in setting)
    signing = {"aws_access_key_id": access, "aws_secret_access_key": secret, "region_name": "eu-west-1"}
    polly = boto3.session.Session().client("polly", endpoint_url=f"http://127.0.0.1:{stack.port}", **signing)
    polly.put_lexicon(Name="ours", Content=pls(LEXEME.format("W3C", "World Wide Web Consortium")))
    order = {"Text": "The W3C met.", "VoiceId": "slt", "OutputFormat": "pcm"}
    plain, replaced = (polly.synthesize_speech(**order, LexiconNames=names)["AudioStream"] for names in ([], ["ours"]))
    assert len(replaced.read()) > 1.3 * len(plain.read())


def test_admin_makes_and_revokes_keys(stack: Stack) -> None:
    keys = ("exec", "-T", "gateway", "python", "-m", "gateway.keys")
    made = stack.compose(*keys, "create", "--name", "other").strip()
    with stack.client() as client:
        before = client.get("/v1/models", headers={"Authorization": f"Bearer {made}"})
        stack.compose(*keys, "revoke", "--name", "other")
        after = client.get("/v1/models", headers={"Authorization": f"Bearer {made}"})
    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("service", SERVICES)
def test_container_is_hardened(stack: Stack, service: str) -> None:
    (container,) = stack.containers(service)
    described = stack.inspect(container)
    host = described["HostConfig"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", described["Config"]["User"])
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert any(option.startswith("no-new-privileges") for option in host["SecurityOpt"])
    assert host["Memory"] > 0
    assert host["PidsLimit"] > 0
    published = [port for port in described["NetworkSettings"]["Ports"].values() if port]
    assert bool(published) is (service == "nginx")
    status = stack.engine.run("docker", "exec", container, "cat", "/proc/1/status")
    assert re.search(r"CapEff:\s+0+\n", status)
    assert re.search(r"NoNewPrivs:\s+1\n", status)
    with pytest.raises(AssertionError, match="Read-only file system"):
        stack.engine.run("docker", "exec", container, "touch", "/etc/x")


@pytest.mark.parametrize("service", SERVICES)
def test_image_holds_no_training_frameworks_and_no_compilers(stack: Stack, service: str) -> None:
    (container,) = stack.containers(service)
    for name in ("gcc", "g++", "make"):
        assert not stack.engine.works("docker", "exec", container, "sh", "-c", f"command -v {name}")
    if service != "nginx":
        find = "import importlib.util as u; print([n for n in ('torch', 'tensorflow', 'pip') if u.find_spec(n)])"
        found = stack.engine.run("docker", "exec", container, "python", "-c", find)
        assert "torch" not in found
        assert "tensorflow" not in found
    size_mb = int(stack.engine.run("docker", "image", "inspect", "-f", "{{.Size}}", f"timbre/{service}")) / 1e6
    sys.__stdout__ and sys.__stdout__.write(f"\nimage timbre/{service}: {size_mb:.0f} MB\n")
    assert size_mb < MOST_MB.get(service, 700)


def test_every_engine_of_speech_to_text_is_in_its_image(stack: Stack) -> None:
    (container,) = stack.containers("stt")
    opened = (
        "from services.stt.engine import ENGINES; from shared.engines import find_engine; "
        "print(*(find_engine(ENGINES, name).__name__ for name in ENGINES))"
    )
    assert len(stack.engine.run("docker", "exec", container, "python", "-c", opened).split()) == len(ENGINES)


def test_scales_to_two_and_back_without_a_failed_request(stack: Stack) -> None:
    with Load(stack) as load:
        before = upstreams_logged(stack)
        stack.compose("up", "-d", "--no-recreate", "--wait", "--scale", "tts=2", "tts")
        for _ in range(20):
            load.wait_for(8)
            if len(upstreams_logged(stack)) > len(before):
                break
        assert len(upstreams_logged(stack)) == len(before) + 1
        stack.compose("up", "-d", "--no-recreate", "--scale", "tts=1", "tts")
        load.wait_for(40)
    assert set(load.statuses) == {200}
    assert len(stack.containers("tts")) == 1


@pytest.mark.parametrize("ending", ["stop", "kill"])
def test_no_request_fails_when_a_replica_ends(stack: Stack, ending: str) -> None:
    stack.compose("up", "-d", "--no-recreate", "--wait", "--scale", "tts=2", "tts")
    victim = stack.containers("tts")[0]
    with Load(stack) as load:
        load.wait_for(20)
        stack.engine.run("docker", ending, victim)
        load.wait_for(60)
    assert load.statuses[200] >= 80
    if ending == "stop":  # what a killed replica had in hand and half sent is lost, and only that
        assert set(load.statuses) == {200}
    else:
        assert load.statuses.total() - load.statuses[200] <= 1
    stack.compose("rm", "-f", "-s", "tts")
    stack.compose("up", "-d", "--no-recreate", "--wait", "--scale", "tts=1", "tts")


def test_a_job_outlives_its_worker(stack: Stack) -> None:
    with stack.client() as client:
        order = {"kind": "emotional-speech", "input": {"text": "A long way to go. " * 300, "response_format": "wav"}}
        job = f"/v1/jobs/{client.post('/v1/jobs', json=order).json()['id']}"
        while client.get(job).json()["step"] != "speak":
            time.sleep(0.05)
        stack.engine.run("docker", "kill", *stack.containers("jobs"))
        stack.compose("up", "-d", "--no-recreate", "--wait", "jobs")
        for _ in range(10):
            ended = client.get(job, params={"wait": 30}).json()
            if ended["state"] != "running":
                break
        sound = client.get(ended["results"][0]["href"])
    assert ended["state"] == "succeeded"
    assert len(sound.content) == ended["results"][0]["bytes"] > 1_000_000


def test_keys_and_readiness_survive_a_restart(stack: Stack) -> None:
    stack.compose("restart", "gateway")
    stack.compose("up", "-d", "--no-recreate", "--wait")
    with stack.client() as client:
        assert client.get("/v1/models").status_code == 200


@pytest.fixture
def coqui_models(stack: Stack, tmp_path: Path) -> Path:
    """Models of each kind, made in the image that is to speak with them."""
    if not TORCH_INDEX:
        pytest.skip("name an index with torch's CPU builds in TIMBRE_TEST_TORCH_INDEX: others bring 5 GB for GPUs")
    own = tmp_path / "compose.yml"
    own.write_text("services: {coqui: {build: {network: host}}}")
    stack.settings["TIMBRE_TORCH_INDEX"] = TORCH_INDEX
    stack.compose("-f", "docker-compose.yml", "-f", str(own), "--profile", "coqui", "build", "coqui")
    models = tmp_path / "models"
    models.mkdir(mode=0o755)
    places = ("-v", f"{ROOT}:/repo:ro", "-v", f"{models}:/models", "-w", "/repo", "-e", "PYTHONPATH=/repo")
    make = ("python", "-m", "tests.services.tts.coqui.folders", "/models")
    stack.engine.run("docker", "run", "--rm", "--user", "0:0", *places, "timbre/coqui", *make)
    return models


def test_models_of_coqui_speak_where_their_profile_is_asked_for(stack: Stack, coqui_models: Path) -> None:
    own = {"TIMBRE_TTS_SERVICE": "coqui", "TIMBRE_COQUI_MODELS": str(coqui_models)}
    stack.settings |= own
    try:
        stack.compose("--profile", "coqui", "up", "-d", "--no-build", "--wait", "--scale", "tts=0")
        with stack.client() as client:
            listed = {voice["id"]: voice["engine"] for voice in client.get("/v1/audio/voices").json()["voices"]}
            heard = {
                voice: client.post("/v1/audio/speech", json={"input": "Hello there.", "voice": voice, "speed": 0.5})
                for voice in ("slt", "alice", "glow", "guest-ann")
            }
    finally:
        stack.compose("--profile", "coqui", "rm", "-f", "-s", "coqui")
        stack.settings = {name: value for name, value in stack.settings.items() if name not in own}
        stack.compose("up", "-d", "--no-build", "--wait")
    assert listed["slt"] == "flite"
    assert [voice for voice in listed if listed[voice] == "coqui"] == ["alice", "glow", "guest-ann", "guest-bo"]
    assert {answer.status_code for answer in heard.values()} == {200}, {name: each.text for name, each in heard.items()}
    assert heard["alice"].headers["x-timbre-model"] == "coqui/alice"
    assert all(len(answer.content) > 1_000 for answer in heard.values())


def test_https_with_two_files(stack: Stack, tmp_path: Path) -> None:
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    request = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*request.split(), *names], check=True, capture_output=True)
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_mode & 0o005 != 0o005 and folder.owner() == tmp_path.owner():
            folder.chmod(folder.stat().st_mode | 0o005)
    key.chmod(0o644)
    tls = {"TIMBRE_TLS_CERTIFICATE": str(certificate), "TIMBRE_TLS_KEY": str(key)}
    stack.settings |= tls
    try:
        stack.compose("up", "-d", "--wait", "--no-deps", "--force-recreate", "nginx")
        with httpx.Client(verify=False, trust_env=False) as client:
            answer = client.get(f"https://127.0.0.1:{stack.port}/health/ready")
    finally:
        for name in tls:
            del stack.settings[name]
    assert answer.status_code == 200
