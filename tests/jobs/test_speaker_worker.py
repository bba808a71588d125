"""The worker behind the queue of recordings, as a process that is stopped and killed at any moment."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import boto3
import httpx
import pytest

from shared.audio import encode
from tests.aws import RECEIVES, Account
from tests.gateway.jobs.recordings import BROKEN, MAN, WOMAN, wait_until_busy, wait_until_idle
from tests.gateway.jobs.stack import SPEAKER_WORKER, Stack, running
from tests.sounds import buzz
from tests.started import ROOT, patiently

KEY = "recordings/Größe 100% & more+.wav"
HOLD_SECONDS = 3


@pytest.fixture
def stack(account: Account, speaker: Stack, tmp_path: Path) -> Iterator[Stack]:
    """Where workers are started, whose speaker service is the common one."""
    with worker_stack(account, tmp_path, speaker.url("speaker")) as stack:
        yield stack


@pytest.fixture
def slow(account: Account, tmp_path: Path) -> Iterator[Stack]:
    """Where workers are started, with a service that takes as long as a recording lasts."""
    with worker_stack(account, tmp_path) as stack:
        stack.start("speaker", TIMBRE_SPEAKER_ENGINE="fake-slow", TIMBRE_SLOTS="4")
        stack.wait_ready("speaker")
        yield stack


@contextmanager
def worker_stack(account: Account, folder: Path, speaker_url: str | None = None) -> Iterator[Stack]:
    settings = {
        "TIMBRE_DATA": account.data,
        "TIMBRE_SPEAKER_QUEUE": account.queue,
        "TIMBRE_SPEAKER_RESULTS": account.results,
        "TIMBRE_SPEAKER_POLL_SECONDS": "1",
        "TIMBRE_SPEAKER_HOLD_SECONDS": str(HOLD_SECONDS),
    }
    service = {"TIMBRE_SPEAKER_URL": speaker_url} if speaker_url else {}
    with running(folder / "stack", **settings, **service) as stack:
        yield stack


def start(stack: Stack, *names: str, **settings: str) -> None:
    for name in names:
        stack.start(name, SPEAKER_WORKER, **settings)
    stack.wait_ready(*names)


def item(account: Account, key: str, *stacks: Stack) -> dict[str, Any]:
    """Return what became of a recording, once it is there."""
    for _ in patiently(60):
        if found := account.items().get(key):
            return dict(found)
    raise AssertionError([stack.log(name) for stack in stacks for name in stack.processes])


def wait_until_done(account: Account) -> None:
    """Wait until no message waits or is worked on."""
    for _ in patiently(60):
        if not account.waiting(account.queue):
            return
    raise AssertionError("messages are left")


def requests(stack: Stack, status: str = "200") -> float:
    """Return how many recordings the service of the stack has answered so."""
    lines = httpx.get(f"{stack.url('speaker')}/metrics", trust_env=False).text.splitlines()
    wanted = f'timbre_requests_total{{method="POST",route="/v1/audio/speaker",status="{status}"}}'
    return sum(float(line.split()[-1]) for line in lines if line.startswith(wanted))


def test_it_is_a_command(account: Account, stack: Stack) -> None:
    environment = os.environ | stack.settings | {"TIMBRE_LISTEN_PORT": stack.url("one").rpartition(":")[2]}
    environment |= {"PYTHONPATH": str(ROOT), "TIMBRE_SPEAKER_QUEUE": account.queue}
    command = [sys.executable, "-m", "jobs.speaker_worker"]
    worker = subprocess.Popen(command, env=environment, cwd=stack.folder, stderr=subprocess.PIPE)
    try:
        assert any('"ready"' in health(stack, "one") for _ in patiently(60))
    finally:
        worker.terminate()
        _, said = worker.communicate(timeout=60)
    assert worker.returncode in (0, -signal.SIGTERM)
    assert b'"service":"jobs.speaker_worker"' in said


class TestRecordings:
    def test_one_that_anybody_puts_into_the_bucket_is_predicted(self, account: Account, stack: Stack) -> None:
        start(stack, "one")
        account.put(KEY, WOMAN)
        found = item(account, KEY, stack)
        assert found["prediction"]["gender"]["label"] == "female"
        assert 0 < found["prediction"]["age"]["years"] < 100
        wait_until_done(account)
        assert account.waiting(account.dead) == 0
        assert "Größe" not in stack.log("one")
        assert "more" not in stack.log("one")

    def test_what_is_not_for_it_is_dropped(self, account: Account, stack: Stack) -> None:
        account.send(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": account.bucket}))
        account.send(event_of(account, "elsewhere/a.wav"))
        account.send(event_of(account, "recordings/"))
        account.send(event_of(account, "recordings/gone.wav"))
        account.send(event_of(account, "recordings/a.wav", bucket="another"))
        account.put("recordings/folder/", b"")
        start(stack, "one")
        wait_until_done(account)
        assert account.items() == {}
        assert account.waiting(account.dead) == 0

    def test_what_is_no_sound_says_so_and_is_done_with(self, account: Account, stack: Stack) -> None:
        start(stack, "one")
        account.put(KEY, BROKEN)
        found = item(account, KEY, stack)
        assert found["problem"]["type"] == "urn:timbre:problem:unsupported-media"
        assert "prediction" not in found
        wait_until_done(account)
        assert account.waiting(account.dead) == 0

    def test_what_cannot_be_read_says_so_too(self, account: Account, stack: Stack) -> None:
        start(stack, "one", TIMBRE_MAX_BODY_BYTES="1024")
        account.put(KEY, WOMAN)
        account.put("recordings//a.wav", b"x")
        assert item(account, KEY, stack)["problem"]["type"] == "urn:timbre:problem:too-large"
        assert item(account, "recordings//a.wav", stack)["problem"]["type"] == "urn:timbre:problem:invalid-input"
        wait_until_done(account)
        assert account.waiting(account.dead) == 0

    def test_one_written_anew_is_predicted_anew(self, account: Account, stack: Stack) -> None:
        start(stack, "one")
        account.put(KEY, WOMAN)
        assert item(account, KEY, stack)["prediction"]["gender"]["label"] == "female"
        account.put(KEY, MAN)
        labels = (item(account, KEY)["prediction"]["gender"]["label"] for _ in patiently(60))
        assert "male" in labels

    def test_below_a_prefix(self, account: Account, stack: Stack) -> None:
        queue = boto3.client("sqs").get_queue_attributes(QueueUrl=account.queue, AttributeNames=["QueueArn"])
        notification: Any = {"QueueArn": queue["Attributes"]["QueueArn"], "Events": ["s3:ObjectCreated:*"]}
        boto3.client("s3").put_bucket_notification_configuration(
            Bucket=account.bucket, NotificationConfiguration={"QueueConfigurations": [notification]}
        )
        start(stack, "one", TIMBRE_DATA=f"{account.data}/speech/cloud")
        account.put(KEY, MAN)
        account.put(f"speech/cloud/{KEY}", WOMAN)
        assert item(account, KEY, stack)["prediction"]["gender"]["label"] == "female"
        wait_until_done(account)
        assert list(account.items()) == [KEY]


class TestAtLeastOnce:
    def test_messages_that_come_twice_make_one_outcome(self, account: Account, stack: Stack, speaker: Stack) -> None:
        account.put(KEY, WOMAN)
        for _ in range(9):
            account.send(event_of(account, KEY))
        start(stack, "one", "two")
        first = item(account, KEY, stack)
        wait_until_done(account)
        assert account.items() == {KEY: first}
        assert account.waiting(account.dead) == 0
        asked = requests(speaker)
        account.send(event_of(account, KEY))
        wait_until_done(account)
        assert requests(speaker) == asked

    def test_a_recording_that_takes_long_stays_with_one_worker(self, account: Account, slow: Stack) -> None:
        start(slow, "one", "two")
        account.put(KEY, encode(buzz(220, 3 * HOLD_SECONDS), "wav"))
        assert item(account, KEY, slow)["prediction"]
        wait_until_done(account)
        wait_until_idle(slow)  # another worker might still be at it
        assert requests(slow) == 1

    def test_a_worker_that_is_killed_leaves_its_recording_to_another(self, account: Account, slow: Stack) -> None:
        start(slow, "one")
        account.put(KEY, encode(buzz(220, 5), "wav"))
        wait_until_busy(slow)
        slow.kill("one")
        assert account.items() == {}
        start(slow, "two")
        assert item(account, KEY, slow)["prediction"]["gender"]["label"] == "female"
        wait_until_done(account)
        assert account.waiting(account.dead) == 0

    def test_several_at_once(self, account: Account, slow: Stack) -> None:
        recording = encode(buzz(220, 4), "wav")
        for number in range(4):
            account.put(f"recordings/{number}.wav", recording)
        start(slow, "one", TIMBRE_SPEAKER_AT_ONCE="4")
        for _ in patiently(60):
            text = httpx.get(f"{slow.url('speaker')}/metrics", trust_env=False).text
            if "timbre_requests_in_progress 5.0" in text:  # and this question
                break
        else:
            raise AssertionError(slow.log("one"))
        wait_until_done(account)
        assert len(account.items()) == 4


class TestFailures:
    def test_what_fails_ends_among_the_dead_letters_with_its_reason(self, account: Account, tmp_path: Path) -> None:
        with worker_stack(account, tmp_path) as stack:
            stack.start("speaker", TIMBRE_SPEAKER_ENGINE="fake-failing")
            stack.wait_ready("speaker")
            start(stack, "one")
            account.put(KEY, WOMAN)
            assert item(account, KEY, stack)["problem"]["type"] == "urn:timbre:problem:engine-failed"
            assert requests(stack, "500") == RECEIVES
            assert any(account.waiting(account.dead) == 1 for _ in patiently(60))
            assert account.waiting(account.queue) == 0
            stack.stop("speaker")
            stack.start("speaker")
            stack.wait_ready("speaker")
            redrive(account)
            assert any("prediction" in account.items()[KEY] for _ in patiently(60))
            assert account.items()[KEY]["prediction"]["gender"]["label"] == "female"

    def test_a_service_that_restarts_costs_nothing(self, account: Account, tmp_path: Path) -> None:
        with worker_stack(account, tmp_path) as stack:
            start(stack, "one")
            account.put(KEY, WOMAN)
            assert any("urn:timbre:problem:unavailable" in stack.log("one") for _ in patiently(60))
            stack.start("speaker")
            assert item(account, KEY, stack)["prediction"]["gender"]["label"] == "female"

    @pytest.mark.heavy
    def test_messages_of_others_are_left_to_people(self, account: Account, stack: Stack) -> None:
        start(stack, "one")
        account.send("who reads this?")
        assert any(account.waiting(account.dead) == 1 for _ in patiently(60))
        assert "who reads" not in stack.log("one")

    def test_a_queue_without_dead_letters_is_not_ready(self, account: Account, stack: Stack) -> None:
        url = boto3.client("sqs").create_queue(QueueName=f"{account.bucket}-plain")["QueueUrl"]
        stack.start("one", SPEAKER_WORKER, TIMBRE_SPEAKER_QUEUE=url)
        for _ in patiently(60):
            if "no dead-letter queue" in health(stack, "one"):
                break
        else:
            raise AssertionError(stack.log("one"))
        boto3.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy_of(account)})
        stack.wait_ready("one")

    def test_a_queue_that_cannot_be_reached_is_not_ready(self, account: Account, stack: Stack) -> None:
        stack.start("one", SPEAKER_WORKER, AWS_ENDPOINT_URL_SQS="http://127.0.0.1:1")
        assert any("cannot be reached" in health(stack, "one") for _ in patiently(60))


class TestEnding:
    def test_what_is_being_done_is_finished(self, account: Account, slow: Stack) -> None:
        start(slow, "one")
        account.put(KEY, encode(buzz(220, 4), "wav"))
        wait_until_busy(slow)
        slow.stop("one")
        assert account.items()[KEY]["prediction"]
        assert account.waiting(account.queue) == 0

    def test_what_takes_longer_is_given_back_at_once(self, account: Account, slow: Stack) -> None:
        start(slow, "one", TIMBRE_SHUTDOWN_GRACE_SECONDS="1", TIMBRE_SPEAKER_HOLD_SECONDS="3600")
        account.put(KEY, encode(buzz(220, 60), "wav"))
        wait_until_busy(slow)
        slow.stop("one")
        assert account.items() == {}
        names: Any = ["ApproximateNumberOfMessages"]
        waiting = boto3.client("sqs").get_queue_attributes(QueueUrl=account.queue, AttributeNames=names)
        assert waiting["Attributes"][names[0]] == "1"


def health(stack: Stack, name: str) -> str:
    try:
        return httpx.get(f"{stack.url(name)}/health/ready", trust_env=False).text
    except httpx.TransportError:
        return ""


def event_of(account: Account, key: str, bucket: str | None = None) -> str:
    """Return a message as S3 sends it, of the version that is in the bucket if there is one."""
    try:
        etag = boto3.client("s3").head_object(Bucket=account.bucket, Key=key)["ETag"].strip('"')
    except boto3.client("s3").exceptions.ClientError:
        etag = "e"
    described = {"bucket": {"name": bucket or account.bucket}, "object": {"key": quote_plus(key), "eTag": etag}}
    return json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": described}]})


def policy_of(account: Account) -> str:
    found = boto3.client("sqs").get_queue_attributes(QueueUrl=account.queue, AttributeNames=["RedrivePolicy"])
    return found["Attributes"]["RedrivePolicy"]


def redrive(account: Account) -> None:
    """Put the dead letters back, as `aws sqs start-message-move-task` does."""
    sqs = boto3.client("sqs")
    (letter,) = sqs.receive_message(QueueUrl=account.dead)["Messages"]
    sqs.send_message(QueueUrl=account.queue, MessageBody=letter["Body"])
    sqs.delete_message(QueueUrl=account.dead, ReceiptHandle=letter["ReceiptHandle"])
