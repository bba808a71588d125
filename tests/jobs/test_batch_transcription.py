"""Speech-to-text over a bucket as a job, on the durable queue: a gateway, and workers that are killed and stopped."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from dbos import DBOSClient

from gateway.jobs.database import open_engine
from gateway.jobs.serialise import JsonSerializer
from jobs.transcribe.claims import Claims
from shared.objects.s3 import connect
from tests.gateway.jobs.postgres import is_installed, running_postgres
from tests.gateway.jobs.stack import Stack, ended, fetched, running, submitted
from tests.jobs.transcribe.buckets import BROKEN, LEASE_SECONDS, SETTINGS, Recorded
from tests.shared.objects.s3_server import new_bucket
from tests.started import command_of, patiently

pytestmark = pytest.mark.timeout(300)

HELD = "held.wav"


def body(url: str, **members: Any) -> dict[str, Any]:
    return {"kind": "batch-transcription", "input": {"url": url, **members}}


def summary_of(http: httpx.Client, job_id: str) -> dict[str, int]:
    """Return what a job that succeeded says, once it has ended."""
    made = fetched(http, ended(http, job_id))
    assert list(made) == ["summary"]
    return dict(json.loads(made["summary"]))


def filled(recorded: Recorded, count: int = 4) -> Recorded:
    for number in range(count):
        recorded.add_note(f"some folder/{number}.wav", (110.0, 130.0, 150.0, 240.0)[number % 4])
    return recorded


@contextmanager
def held(recorded: Recorded) -> Iterator[None]:
    """Put a recording that somebody else is at work on during the block, so that no share can end before it."""
    recorded.add_note(HELD)
    with Claims(recorded.objects, "another", LEASE_SECONDS).holding(HELD) as claim:
        assert claim
        yield


def wait_until_only_the_held_is_left(stack: Stack, recorded: Recorded) -> None:
    for _ in patiently():
        if recorded.keys("input/") == [HELD] and len(recorded.keys("child_job_input/claims/")) == 1:
            return
    raise AssertionError([stack.log(name) for name in stack.processes])


def leds_of(stack: Stack, name: str) -> list[int]:
    """Return the processes that do a worker's shares; each worker is a session."""
    numbers = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    leds = [number for number in numbers if "jobs.transcribe.led" in command_of(number)]
    return [number for number in leds if _session_of(number) == stack.processes[name].pid]


def _session_of(number: int) -> int:
    try:
        return os.getsid(number)
    except ProcessLookupError:
        return 0


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    """A gateway; workers are for the test to start."""
    (tmp_path / "recordings").mkdir()
    settings = {**SETTINGS, "TIMBRE_BATCH_LOCATIONS": f"{tmp_path}/recordings/"}
    with running(tmp_path / "stack", "gateway", **settings) as stack:
        yield stack


@pytest.fixture
def http(stack: Stack) -> Iterator[httpx.Client]:
    with stack.client() as http:
        yield http


@pytest.fixture
def folder(tmp_path: Path) -> Recorded:
    """A folder inside what is allowed."""
    (tmp_path / "recordings" / "calls").mkdir(parents=True)
    return Recorded(str(tmp_path / "recordings" / "calls"))


@pytest.mark.parametrize(
    "database",
    [
        pytest.param("sqlite", marks=pytest.mark.heavy if is_installed() else ()),
        pytest.param("postgres", marks=pytest.mark.skipif(not is_installed(), reason="needs PostgreSQL")),
    ],
)
def test_two_workers_write_down_a_bucket(tmp_path: Path, aws: str, database: str) -> None:
    bucket = Recorded(f"s3://{new_bucket(connect())}/calls")
    settings = {**SETTINGS, "TIMBRE_BATCH_LOCATIONS": f"s3://another-bucket, {bucket.location.removesuffix('/calls')}"}
    with ExitStack() as entered:
        if database == "postgres":
            settings["TIMBRE_DATABASE"] = entered.enter_context(running_postgres()).url
        stack = entered.enter_context(running(tmp_path / "stack", "gateway", **settings))
        http = entered.enter_context(stack.client())
        filled(bucket)
        with held(bucket):
            job_id = submitted(http, body(f"{bucket.location}/", children=2, language="en", keywords=["echo"]))
            for name in ("one", "two"):
                stack.start(name)
            wait_until_only_the_held_is_left(stack, bucket)
            assert any(leds_of(stack, "one") and leds_of(stack, "two") for _ in patiently())
            job = http.get(f"/v1/jobs/{job_id}").json()
            assert (job["state"], job["step"]) == ("running", "transcribe")
        assert summary_of(http, job_id) == {"recordings": 5, "done": 5, "failed": 0, "left": 0, "gone": 0, "refused": 0}
        assert list(stack.stored()) == [f"jobs/{job_id}/summary.json"]
        logs = stack.log("one") + stack.log("two") + stack.log("gateway")
    bucket.require_settled()
    options = bucket.transcript(HELD)["options"]
    assert (options["language"], options["keywords"]) == ("en", ["echo"])
    assert sorted(bucket.keys("child_job_input/")) == ["0", "1"]
    assert "some folder" not in logs
    assert HELD not in logs
    assert bucket.location not in logs


def test_a_worker_that_is_killed_is_followed_by_another(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    filled(folder)
    folder.add("broken.wav", BROKEN, None)
    with held(folder):
        job_id = submitted(http, body(folder.location))
        stack.start("one")
        wait_until_only_the_held_is_left(stack, folder)
        (led,) = leds_of(stack, "one")
        stack.kill("one")
        assert any(not command_of(led) for _ in patiently()), "it outlives its worker"
        stack.start("two")
        assert any(leds_of(stack, "two") for _ in patiently()), stack.log("two")
    assert summary_of(http, job_id) == {"recordings": 6, "done": 5, "failed": 1, "left": 0, "gone": 0, "refused": 0}
    folder.require_settled()


def test_a_process_that_is_killed_is_followed_by_another(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    filled(folder, 2)
    stack.start("worker")
    with held(folder):
        job_id = submitted(http, body(folder.location))
        wait_until_only_the_held_is_left(stack, folder)
        (led,) = leds_of(stack, "worker")
        os.kill(led, signal.SIGKILL)
        assert any(leds_of(stack, "worker") not in ([led], []) for _ in patiently()), stack.log("worker")
    assert summary_of(http, job_id)["done"] == 3
    folder.require_settled()


def test_what_is_cancelled_stops(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    stack.start("worker")
    with held(folder):
        job_id = submitted(http, body(folder.location, children=3))
        wait_until_only_the_held_is_left(stack, folder)
        assert any(leds_of(stack, "worker") for _ in patiently())
        assert http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
        assert any(not leds_of(stack, "worker") for _ in patiently()), stack.log("worker")
    assert any(not stack.stored() for _ in patiently())
    assert folder.keys("input/") == [HELD]
    another = submitted(http, body(folder.location))
    assert summary_of(http, another) == {"recordings": 1, "done": 1, "failed": 0, "left": 0, "gone": 0, "refused": 0}
    folder.require_settled()


def test_what_is_forgotten_stops_and_leaves_nothing(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    stack.start("worker")
    engine = open_engine(stack.settings["TIMBRE_DATABASE"])
    client = DBOSClient(system_database_engine=engine, serializer=JsonSerializer())
    with held(folder):
        job_id = submitted(http, body(folder.location, children=3))
        assert any(leds_of(stack, "worker") for _ in patiently())
        assert client.list_workflows(workflow_id_prefix=f"{job_id}-share-")
        assert http.delete("/v1/jobs").json() == {"jobs": 1}
        assert any(not leds_of(stack, "worker") for _ in patiently()), stack.log("worker")
    assert any(
        not client.list_workflows(workflow_id_prefix=job_id, name=["batch-transcription", "share"]) for _ in patiently()
    )
    assert not stack.stored()
    engine.dispose()


def test_nothing_at_all(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    stack.start("worker")
    nothing = {"recordings": 0, "done": 0, "failed": 0, "left": 0, "gone": 0, "refused": 0}
    assert summary_of(http, submitted(http, body(folder.location, children=5))) == nothing
    assert folder.keys() == []


def test_what_has_failed_before_counts_no_more(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    stack.start("worker")
    folder.add("a.wav", BROKEN, None)
    assert summary_of(http, submitted(http, body(folder.location)))["failed"] == 1
    folder.add_note("a.wav")
    assert summary_of(http, submitted(http, body(folder.location)))["done"] == 1


def test_each_is_counted_by_what_became_of_its_version(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    stack.start("worker")
    folder.add_note("failed before.wav")
    newer = Path(folder.location) / "failed before.wav"
    newer.write_bytes((Path(folder.location) / "input" / "failed before.wav").read_bytes())  # the older of the two
    folder.add("failed before.wav", BROKEN, None)
    folder.add_note("done before.wav")
    folder.add_note(HELD)
    assert summary_of(http, submitted(http, body(folder.location)))["failed"] == 1
    newer.rename(Path(folder.location) / "input" / "failed before.wav")
    folder.add_note("done before.wav", 130.0)
    folder.add_note("another.wav", 130.0)
    with held(folder):
        job_id = submitted(http, body(folder.location))
        wait_until_only_the_held_is_left(stack, folder)
        folder.objects.delete(f"input/{HELD}")
    assert summary_of(http, job_id) == {"recordings": 4, "done": 3, "failed": 0, "left": 0, "gone": 1, "refused": 0}


def test_one_that_cannot_be_done_says_why_and_can_be_taken_up_again(
    stack: Stack, http: httpx.Client, folder: Recorded
) -> None:
    filled(folder, 2)
    stack.start("worker", "tests.gateway.jobs.hasty_worker", TIMBRE_STT_MODEL="no-such-model")
    job = ended(http, submitted(http, body(folder.location, children=2)))
    assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:model-not-found")
    stack.stop("worker")
    stack.start("worker")
    assert http.post(f"/v1/jobs/{job['id']}/retry").status_code == 202
    assert summary_of(http, job["id"])["done"] == 2
    folder.require_settled()


def test_a_machine_that_cannot_do_it_harms_nobody(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    filled(folder, 4)
    stack.start("unable", "tests.gateway.jobs.hasty_worker", TIMBRE_BATCH_PROCESSES="many")
    with held(folder):
        job_id = submitted(http, body(folder.location, children=2))
        assert any("TIMBRE_BATCH_PROCESSES" in stack.log("unable") for _ in patiently())
        stack.start("able")
        wait_until_only_the_held_is_left(stack, folder)
    assert summary_of(http, job_id)["done"] == 5
    folder.require_settled()


def test_a_folder_that_is_not_there(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    stack.start("worker")
    job = ended(http, submitted(http, body(f"{folder.location}/away")))
    assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:invalid-input")


def test_jobs_of_other_kinds_do_not_wait_for_it(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    stack.start("worker", TIMBRE_JOBS_AT_ONCE="1")
    with held(folder):
        submitted(http, body(folder.location))
        assert any(leds_of(stack, "worker") for _ in patiently())
        job_id = submitted(http, {"kind": "emotional-speech", "input": {"text": "Good morning."}})
        assert any(http.get(f"/v1/jobs/{job_id}").json()["state"] == "running" for _ in patiently())


def test_workers_without_the_setting_leave_it_to_others(stack: Stack, http: httpx.Client, folder: Recorded) -> None:
    filled(folder, 1)
    stack.start("cannot", TIMBRE_BATCH_LOCATIONS="")
    stack.wait_ready("cannot")
    job_id = submitted(http, body(folder.location))
    text = submitted(http, {"kind": "emotional-speech", "input": {"text": "Good morning."}})
    assert any(http.get(f"/v1/jobs/{text}").json()["state"] == "running" for _ in patiently())
    assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "queued"
    stack.start("can")
    assert summary_of(http, job_id)["done"] == 1
