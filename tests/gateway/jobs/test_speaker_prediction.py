"""From a recording to age and gender: every way to tell of recordings, with every way to keep the results."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

import boto3
import httpx
import pytest

from gateway.speaker.opened import open_predictions
from gateway.speaker.predictions import Outcome
from gateway.speaker.recordings import recording_key
from shared.audio import encode
from tests.aws import Account, new_account, running_aws
from tests.gateway.jobs.recordings import BROKEN, MAN, NOBODY, WOMAN, prediction_of, uploaded, wait_until_busy
from tests.gateway.jobs.stack import SPEAKER_WORKER, Stack, ended, fetched, running, submitted
from tests.sounds import buzz
from tests.started import patiently


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    with running_aws() as address:
        yield address


@pytest.fixture(scope="module")
def account(aws: str) -> Account:
    return new_account()


class Place:
    """A running Timbre that has a speaker service, and where it keeps what it was given and made."""

    def __init__(self, stack: Stack, account: Account | None) -> None:
        self.stack = stack
        self.account = account
        self._results = stack.settings.get("TIMBRE_SPEAKER_RESULTS") or stack.settings["TIMBRE_DATABASE"]

    def outcome(self, job_id: str) -> Outcome | None:
        with open_predictions(self._results, timedelta(days=30)) as predictions:
            return predictions.get(recording_key(job_id))

    def keys(self, part: str) -> list[str]:
        """Return the keys of the stored objects that have this in their names."""
        if not self.stack.settings["TIMBRE_DATA"].startswith("s3:"):
            return [key for key in self.stack.stored() if part in key]
        assert self.account
        found = boto3.client("s3").list_objects_v2(Bucket=self.account.bucket).get("Contents", [])
        return [one["Key"] for one in found if part in one["Key"]]


@pytest.fixture(scope="module", params=["database", "dynamodb"])
def results(request: pytest.FixtureRequest) -> dict[str, str]:
    if request.param == "database":
        return {}
    return {"TIMBRE_SPEAKER_RESULTS": request.getfixturevalue("account").results}


@pytest.fixture(scope="module", params=["asking", "queueing"])
def place(
    request: pytest.FixtureRequest,
    results: dict[str, str],
    engines: Stack,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Place]:
    """One of the four."""
    folder = tmp_path_factory.mktemp("stack")
    if request.param == "queueing":
        account: Account = request.getfixturevalue("account")
        with queueing_stack(account, folder, **engines.as_services, **results) as stack:
            yield Place(stack, account)
    else:
        with running(folder, "gateway", "worker", **engines.as_services, **results) as stack:
            yield Place(stack, None)


@contextmanager
def queueing_stack(account: Account, folder: Path, **settings: str) -> Iterator[Stack]:
    """Run a Timbre whose recordings go through the account's queue."""
    hurried = {"TIMBRE_SPEAKER_POLL_SECONDS": "1", "TIMBRE_SPEAKER_HOLD_SECONDS": "3"}
    through = {"TIMBRE_DATA": account.data, "TIMBRE_SPEAKER_QUEUE": account.queue, **hurried}
    with running(folder, "gateway", "worker", **settings, **through) as stack:
        stack.start("speaker-worker", SPEAKER_WORKER)
        stack.wait_ready("speaker-worker")
        yield stack


@pytest.fixture
def http(place: Place) -> Iterator[httpx.Client]:
    """A client; each test is a caller of its own."""
    with place.stack.client(f"tmb_{token_hex(4)}") as http:
        yield http


def asked(engines: Stack, recording: bytes) -> Any:
    """Return what the service itself says."""
    with httpx.Client(base_url=engines.url("speaker"), timeout=60, trust_env=False) as http:
        return http.post("/v1/audio/speaker", files={"file": ("a", recording)}).json()


class TestEveryWay:
    def test_the_job_says_what_the_service_says(self, place: Place, engines: Stack, http: httpx.Client) -> None:
        jobs = {one: submitted(http, prediction_of(uploaded(http, one))) for one in (WOMAN, MAN, NOBODY)}
        for recording, job_id in jobs.items():
            job = ended(http, job_id)
            made = fetched(http, job)
            assert list(made) == ["prediction"]
            assert json.loads(made["prediction"]) == asked(engines, recording)
            assert job["results"][0]["bytes"] == len(made["prediction"])
            assert job["results"][0]["media_type"] == "application/json"
            assert not place.keys(recording_key(job_id))  # the copy for the queue
        said = [json.loads(fetched(http, ended(http, one))["prediction"]) for one in jobs.values()]
        assert [one["gender"]["label"] for one in said] == ["female", "male", "unknown"]

    def test_events_tell_of_its_end(self, http: httpx.Client) -> None:
        job_id = submitted(http, prediction_of(uploaded(http, WOMAN)))
        with http.stream("GET", f"/v1/jobs/{job_id}/events") as answer:
            lines = [line for line in answer.iter_lines() if line]
        assert lines[-2] == "event: end"
        last = json.loads(lines[-1].removeprefix("data: "))
        assert (last["state"], last["progress"], last["results"][0]["name"]) == ("succeeded", 1.0, "prediction")

    def test_what_is_no_sound_ends_with_the_services_problem(
        self, place: Place, engines: Stack, http: httpx.Client
    ) -> None:
        job = ended(http, submitted(http, prediction_of(uploaded(http, BROKEN))))
        assert job["state"] == "failed"
        assert job["error"] == asked(engines, BROKEN)
        assert job["error"]["type"] == "urn:timbre:problem:unsupported-media"
        assert not place.keys(recording_key(job["id"]))
        assert place.outcome(job["id"]) is None

    def test_nothing_is_left_of_jobs_that_are_forgotten(self, place: Place, http: httpx.Client) -> None:
        file_id = uploaded(http, WOMAN)
        job_id = submitted(http, prediction_of(file_id))
        ended(http, job_id)
        assert place.outcome(job_id)
        assert http.delete("/v1/jobs").json() == {"jobs": 1}
        for _ in patiently(60):  # a job's line in the database goes last
            kept = place.outcome(job_id) or place.keys(file_id) or place.keys(job_id)
            if not kept and http.get(f"/v1/jobs/{job_id}").status_code == 404:
                break
        else:
            raise AssertionError(place.stack.log("worker"))


@pytest.fixture
def queueing(aws: str, tmp_path: Path) -> Iterator[Place]:
    """A Timbre whose recordings go through a queue of its own; the speaker service is for the test to start."""
    account = new_account()
    with queueing_stack(account, tmp_path / "stack") as stack:
        yield Place(stack, account)


def test_an_engine_that_fails_ends_the_job_which_can_be_taken_up_again(queueing: Place) -> None:
    stack = queueing.stack
    stack.start("speaker", TIMBRE_SPEAKER_ENGINE="fake-failing")
    with stack.client() as http:
        job = ended(http, submitted(http, prediction_of(uploaded(http, WOMAN))))
        assert job["error"]["type"] == "urn:timbre:problem:engine-failed"
        assert not queueing.keys(recording_key(job["id"]))
        stack.stop("speaker")
        stack.start("speaker")
        stack.wait_ready("speaker")
        assert http.post(f"/v1/jobs/{job['id']}/retry").status_code == 202
        made = fetched(http, ended(http, job["id"]))
    assert json.loads(made["prediction"])["gender"]["label"] == "female"


def test_what_is_cancelled_leaves_nothing_however_late_it_is_predicted(queueing: Place) -> None:
    stack = queueing.stack
    stack.start("speaker", TIMBRE_SPEAKER_ENGINE="fake-slow")
    stack.wait_ready("speaker")
    with stack.client() as http:
        job_id = submitted(http, prediction_of(uploaded(http, encode(buzz(220, 8), "wav"))))
        wait_until_busy(stack)
        assert http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
    assert queueing.account
    assert any(not queueing.keys(recording_key(job_id)) for _ in patiently(60))
    assert any(not queueing.account.waiting(queueing.account.queue) for _ in patiently(60))
    assert queueing.outcome(job_id) is None


def test_a_job_whose_worker_is_killed_is_done_by_another(tmp_path: Path) -> None:
    with running(tmp_path / "stack", "gateway", "one") as stack, stack.client() as http:
        stack.start("speaker", TIMBRE_SPEAKER_ENGINE="fake-slow")
        stack.wait_ready("speaker")
        job_id = submitted(http, prediction_of(uploaded(http, encode(buzz(220, 4), "wav"))))
        assert any(http.get(f"/v1/jobs/{job_id}").json()["step"] == "predict" for _ in patiently(60))
        stack.kill("one")
        stack.start("two")
        made = fetched(http, ended(http, job_id))
    assert json.loads(made["prediction"])["gender"]["label"] == "female"


def test_a_file_that_is_deleted_before_it_is_read_fails_its_job(tmp_path: Path) -> None:
    with running(tmp_path / "stack", "gateway") as stack, stack.client() as http:
        file_id = uploaded(http, WOMAN)
        job_id = submitted(http, prediction_of(file_id))
        http.delete(f"/v1/files/{file_id}")
        stack.start("worker")
        job = ended(http, job_id)
    assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:not-found")
