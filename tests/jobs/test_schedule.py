"""Batch speech-to-text by the clock: on this machine, and as an array job of AWS Batch."""

import json
from pathlib import Path
from secrets import token_hex
from typing import Any

import boto3
import pytest
from moto.batch.models import batch_backends
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.config import default_user_config
from pydantic import ValidationError

from jobs.schedule import handler
from jobs.schedule_settings import ScheduleSettings
from shared.objects import open_objects
from shared.objects.s3 import connect
from shared.problems import InvalidInput, ModelNotFound, Problem, StorageRefused, Unavailable
from tests.jobs.transcribe.buckets import SETTINGS, Recorded
from tests.shared.objects.s3_server import fill, new_bucket


@pytest.fixture
def batch(aws: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A queue and a job definition of AWS Batch, both of that name; what is submitted is not run."""
    monkeypatch.setitem(default_user_config["batch"], "use_docker", False)
    name, client = f"batch-{token_hex(6)}", boto3.client("batch")
    role = boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({}))["Role"]["Arn"]
    client.create_compute_environment(computeEnvironmentName=name, type="UNMANAGED", serviceRole=role)
    order: Any = [{"order": 1, "computeEnvironment": name}]
    client.create_job_queue(jobQueueName=name, state="ENABLED", priority=1, computeEnvironmentOrder=order)
    properties: Any = {"image": "timbre-stt", "vcpus": 1, "memory": 2048, "command": ["true"]}
    client.register_job_definition(jobDefinitionName=name, type="container", containerProperties=properties)
    monkeypatch.setenv("TIMBRE_BATCH_QUEUE", name)
    monkeypatch.setenv("TIMBRE_BATCH_DEFINITION", name)
    return name


@pytest.fixture
def bucket(aws: str, monkeypatch: pytest.MonkeyPatch) -> str:
    location = f"s3://{new_bucket(connect())}/recordings"
    monkeypatch.setenv("TIMBRE_BATCH_URL", location)
    return location


def test_nothing_is_submitted_where_nothing_waits(batch: str, bucket: str) -> None:
    open_objects(bucket).put("processed/a.wav", b"x")
    assert handler({"source": "aws.events"}, None) == {}
    assert boto3.client("batch").list_jobs(jobQueue=batch)["jobSummaryList"] == []
    assert [info.key for info in open_objects(bucket).list()] == ["processed/a.wav"]


def test_an_array_of_as_many_children_as_there_are_shares(
    batch: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMBRE_BATCH_CHILDREN", "3")
    for number in range(7):
        open_objects(bucket).put(f"input/{number}.wav", b"x")
    started = handler({}, None)
    (job,) = boto3.client("batch").describe_jobs(jobs=[str(started["job"])])["jobs"]
    assert (started["children"], job["arrayProperties"]["size"]) == (3, 3)
    assert job["container"]["command"] == ["python", "-m", "jobs.transcribe", "run", bucket]
    lists = [open_objects(bucket).get(f"child_job_input/{child}").decode().split() for child in range(3)]
    assert sorted(key for keys in lists for key in keys) == [f"{number}.wav" for number in range(7)]


def test_a_single_recording_needs_no_array(batch: str, bucket: str) -> None:
    open_objects(bucket).put("input/a.wav", b"x")
    started = handler({}, None)
    (job,) = boto3.client("batch").describe_jobs(jobs=[str(started["job"])])["jobs"]
    assert (started["children"], job.get("arrayProperties", {}).get("size")) == (1, None)


def test_none_is_submitted_while_the_last_one_still_runs(
    batch: str, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_objects(bucket).put("input/a.wav", b"x")
    first = str(handler({}, None)["job"])
    job = batch_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].get_job_by_id(first)
    assert job
    for status in ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING"):
        job.status = status
        open_objects(bucket).delete("child_job_input/0")
        assert handler({}, None) == {"still running": first}
        assert not open_objects(bucket).exists("child_job_input/0")  # its children may not have read theirs yet
    job.status = "SUCCEEDED"
    second = handler({}, None)
    assert second["children"] == 1
    monkeypatch.setenv("TIMBRE_BATCH_URL", f"{bucket}/another")
    open_objects(f"{bucket}/another").put("input/a.wav", b"x")
    assert handler({}, None)["children"] == 1


def test_names_that_are_refused_get_their_reason_without_a_job(batch: str, bucket: str) -> None:
    name, _, prefix = bucket.removeprefix("s3://").partition("/")
    fill(name, [f"{prefix}/input/a\nb.wav"])
    assert handler({}, None) == {"refused names": 1}
    assert len(list(open_objects(bucket).list("child_job_input/refused/"))) == 1


def test_a_queue_that_is_not_there(batch: str, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMBRE_BATCH_QUEUE", "no-such-queue")
    open_objects(bucket).put("input/a.wav", b"x")
    with pytest.raises((Unavailable, StorageRefused)):
        handler({}, None)


class TestHere:
    @pytest.fixture
    def recorded(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
        recorded = Recorded(str(tmp_path / "recordings"))
        for name, value in {**SETTINGS, "TIMBRE_BATCH_URL": recorded.location}.items():
            monkeypatch.setenv(name, value)
        return recorded

    def test_this_machine_does_it_where_no_queue_is_named(self, recorded: Recorded) -> None:
        with pytest.raises(InvalidInput):  # no such folder
            handler({}, None)
        Path(recorded.location).mkdir()
        assert handler({}, None) == {}
        recorded.add_note("a.wav")
        recorded.add("b.wav", b"", None)
        assert handler({}, None) == {"written": 1, "failed": 1}
        recorded.require_settled()

    @pytest.mark.parametrize(
        ("setting", "value", "problem"),
        [("TIMBRE_BATCH_PROCESSES", "many", Unavailable), ("TIMBRE_STT_MODEL", "no-such-model", ModelNotFound)],
    )
    def test_one_that_cannot_run_says_so(
        self, recorded: Recorded, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, problem: type[Problem]
    ) -> None:
        recorded.add_note("a.wav")
        monkeypatch.setenv(setting, value)
        with pytest.raises(problem):
            handler({}, None)


def test_queue_and_definition_go_together() -> None:
    with pytest.raises(ValidationError, match="go together"):
        ScheduleSettings(batch_url="s3://bucket", batch_queue="queue")
