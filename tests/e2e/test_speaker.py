"""A recording through the public address, judged by models on onnxruntime: at once, as a job, in a browser."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.speaker.recordings import FOLDER, recording_key
from shared.audio import encode
from tests.aws import Account, new_account, running_aws
from tests.e2e.browser import CHROMIUM, browsing
from tests.gateway.jobs.recordings import prediction_of, uploaded
from tests.gateway.jobs.stack import ended, fetched, submitted
from tests.sounds import buzz, silence
from tests.stack import Voices, client_of, key_of, needs_nginx
from tests.started import Started, patiently

MODELS = "gender/1+age/1"


@pytest.fixture(scope="module")
def account() -> Iterator[Account]:
    with running_aws():
        yield new_account()


@pytest.fixture(scope="module")
def on_aws(account: Account, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    through = {
        "TIMBRE_DATA": account.data,
        "TIMBRE_SPEAKER_QUEUE": account.queue,
        "TIMBRE_SPEAKER_RESULTS": account.results,
        "TIMBRE_SPEAKER_POLL_SECONDS": "1",
    }
    folder = tmp_path_factory.mktemp("aws")
    with Started(folder, TIMBRE_MODELS=str(models), TIMBRE_SPEAKER_ENGINE="onnx", **through).running() as started:
        yield started


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    with Started(tmp_path_factory.mktemp("without"), TIMBRE_SPEAKER_ENGINE="").running() as started:
        yield started


def predicted(http: httpx.Client, recording: bytes) -> Any:
    """Return what a job predicts."""
    job = ended(http, submitted(http, prediction_of(uploaded(http, recording))))
    return json.loads(fetched(http, job)["prediction"])


class TestCall:
    def test_who_speaks_is_judged(self, public: httpx.Client, voices: Voices) -> None:
        for gender, recording in voices.by_gender.items():
            answer = public.post("/v1/audio/speaker", files={"file": recording})
            assert answer.status_code == 200, answer.text
            judged = answer.json()
            assert (judged["model"], judged["gender"]["label"]) == (MODELS, gender)
            assert judged["age"]["interval"][0] <= judged["age"]["years"] <= judged["age"]["interval"][1]
            assert [model["noncommercial"] for model in judged["models"]] == [False, True]

    def test_silence_is_nobody(self, public: httpx.Client) -> None:
        judged = public.post("/v1/audio/speaker", files={"file": encode(silence(3), "wav")}).json()
        assert (judged["gender"]["reason"], judged["age"]["reason"]) == ("no_speech", "no_speech")

    def test_its_models_are_listed_with_their_terms(self, public: httpx.Client) -> None:
        listed = {model["id"]: model for model in public.get("/v1/models").json()["data"]}
        assert [listed[name]["task"] for name in ("gender", "age")] == ["speaker-gender", "speaker-age"]
        assert [listed[name].get("noncommercial", False) for name in ("gender", "age")] == [False, True]
        assert all(listed[name]["licence"] for name in ("gender", "age"))

    def test_largest_file(self, public: httpx.Client) -> None:
        head = encode(buzz(120, 2), "wav")
        largest = public.post("/v1/audio/speaker", files={"file": head + bytes(26_214_400 - len(head))})
        over = public.post("/v1/audio/speaker", files={"file": head + bytes(26_214_401 - len(head))})
        assert largest.status_code == 200, largest.text
        assert (over.status_code, over.json()["limit"]) == (413, 26_214_400)

    def test_needs_a_key(self, public: httpx.Client) -> None:
        answer = public.post(
            "/v1/audio/speaker", files={"file": bytes(10_000_000)}, headers={"Authorization": "Bearer no"}
        )
        assert answer.status_code == 401


class TestJob:
    def test_it_predicts_what_the_service_says(self, public: httpx.Client, voices: Voices) -> None:
        for gender, recording in voices.by_gender.items():
            prediction = predicted(public, recording)
            assert prediction["gender"]["label"] == gender
            assert prediction == public.post("/v1/audio/speaker", files={"file": recording}).json()


@needs_nginx
class TestAWS:
    """The same as processes of `make run`, but recordings go through S3 and SQS, and predictions into DynamoDB."""

    def test_a_job(self, on_aws: Started, account: Account, voices: Voices) -> None:
        with client_of(on_aws, key_of(on_aws)) as http:
            job = ended(http, submitted(http, prediction_of(uploaded(http, voices.woman))))
            prediction = json.loads(fetched(http, job)["prediction"])
        assert (prediction["model"], prediction["gender"]["label"]) == (MODELS, "female")
        kept = account.items()[recording_key(job["id"])]["prediction"]
        assert kept["gender"]["label"] == "female"
        (worker,) = [name for name in on_aws.processes().values() if name.rstrip().endswith("jobs.speaker_worker")]
        assert worker.startswith(sys.executable)

    def test_a_recording_that_somebody_puts_into_the_bucket(
        self, on_aws: Started, account: Account, voices: Voices
    ) -> None:
        key = f"{FOLDER}2026/interview.wav"
        account.put(key, voices.man)
        assert any(key in account.items() for _ in patiently(60)), on_aws.output
        assert account.items()[key]["prediction"]["gender"]["label"] == "male"


class TestWithout:
    """A Timbre that runs no speaker service says so wherever it is asked for one."""

    def test_it_says_so(self, without: Started, voices: Voices) -> None:
        with client_of(without, key_of(without)) as http:
            asked = http.post("/v1/audio/speaker", files={"file": voices.woman})
            job = http.post("/v1/jobs", json=prediction_of(uploaded(http, voices.woman)))
            page = http.get("/speaker/")
        for answer in (asked, job, page):
            assert (answer.status_code, answer.json()["type"]) == (501, "urn:timbre:problem:not-served")


@pytest.mark.skipif(not CHROMIUM, reason="needs a browser: apt-get install chromium")
class TestPage:
    """A person records, and reads the answer."""

    @pytest.mark.parametrize("gender", ["female", "male"])
    def test_the_answer_comes_right_after_recording(
        self, stack: Started, key: str, voices: Voices, tmp_path: Path, gender: str
    ) -> None:
        (tmp_path / "voice.wav").write_bytes(voices.by_gender[gender])
        with browsing(tmp_path / "browser", tmp_path / "voice.wav") as page:
            page.open(f"http://localhost:{stack.port}/speaker/")
            page.type("key", key)
            page.click("record")
            assert any(page.text("status").startswith("Recording") for _ in patiently(60)), page.text("status")
            page.run("new Promise((after) => setTimeout(after, 4000))", wait=True)
            page.click("stop")
            assert any(page.text("gender") for _ in patiently(60)), page.text("status")
            told = {part: page.text(part) for part in ("gender", "age", "speech", "models")}
        assert told["gender"].startswith(f"{gender} (female ")
        assert "years (" in told["age"]
        assert float(told["speech"].split()[0]) > 1
        assert "age/1: " in told["models"]
        assert told["models"].count("not for commercial use") == 1

    def test_what_is_wrong_is_told(self, stack: Started, key: str, tmp_path: Path) -> None:
        (tmp_path / "voice.wav").write_bytes(encode(silence(3), "wav"))
        send = "judge(new Blob([new Uint8Array({})]))"
        with browsing(tmp_path / "browser", tmp_path / "voice.wav") as page:
            page.open(f"http://localhost:{stack.port}/speaker/")
            page.click("record")
            assert page.text("status") == ""  # without a key nothing begins
            page.type("key", "wrong")
            page.run(send.format(100), wait=True)
            assert "API key" in page.text("status")
            page.type("key", key)
            page.run(send.format(100), wait=True)
            assert "audio" in page.text("status")
            page.click("record")
            assert any(page.text("status").startswith("Recording") for _ in patiently(60))
            page.run("new Promise((after) => setTimeout(after, 2000))", wait=True)
            page.click("stop")
            assert any("no speech was heard" in page.text("gender") for _ in patiently(60)), page.text("status")
