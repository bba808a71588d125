"""Jobs outlive whatever dies: their worker, the gateway, the services. All by SIGKILL, on real processes and files."""

import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from tests.gateway.jobs.chaos.mortal import WORKER as FAULTY_WORKER
from tests.gateway.jobs.stack import Stack, ended, fetched, order, running, submitted
from tests.started import patiently

TEXT = "This is wonderful! " + " ".join(f"Sentence number {number} is one of many in a text." for number in range(140))
PARTS = 8
SHORT = " ".join(f"Sentence number {number} is one of some in a text." for number in range(45))
LONG = " ".join(f"Number {number} of very many sentences." for number in range(600))
RESULTS = {"audio.wav", "tagged.ssml", "text.txt"}

Run = Callable[..., Stack]


@pytest.fixture
def stack(tmp_path: Path, engines: Stack) -> Iterator[Stack]:
    """A gateway; tests start their own workers."""
    with running(tmp_path / "stack", "gateway", **engines.as_services, TIMBRE_PARTS_AT_ONCE="1") as stack:
        yield stack


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, engines: Stack) -> dict[str, bytes]:
    """The sound of each text when nothing happens."""
    with (
        running(tmp_path_factory.mktemp("calm"), "gateway", "worker", **engines.as_services) as stack,
        stack.client() as http,
    ):
        ids = {text: submitted(http, order(text)) for text in (SHORT, TEXT, LONG)}
        return {text: fetched(http, ended(http, job_id))["audio"] for text, job_id in ids.items()}


def parts_of(stack: Stack, job_id: str) -> int:
    return sum(f"{job_id}/parts/" in name and name.endswith(".pcm") for name in stack.stored())


def wait_for_parts(stack: Stack, job_id: str, count: int) -> None:
    for _ in patiently(30):
        if parts_of(stack, job_id) >= count:
            return
    raise AssertionError("".join(path.read_text() for path in stack.folder.glob("*.log")))


def only_results_are_left(stack: Stack, *ids: str) -> bool:
    return set(stack.stored()) == {f"jobs/{job_id}/{name}" for job_id in ids for name in RESULTS}


def pending_of(stack: Stack, worker: str) -> int:
    query = "SELECT count(*) FROM workflow_status WHERE status = 'PENDING' AND executor_id = ?"
    with closing(sqlite3.connect(stack.folder / "jobs.sqlite")) as database:
        return int(database.execute(query, [worker]).fetchone()[0])


def is_writing(process: int, folder: Path) -> bool:
    """Tell whether the process has a file open below the folder, which has no name yet or one of its own."""
    for link in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            opened = os.readlink(link)
            if opened.startswith(f"{folder}/") and not opened.endswith(".ssml") and link.lstat().st_mode & 0o200:
                return True
    return False


class TestWorker:
    def test_killed_again_and_again_it_still_does_the_job_once(
        self, stack: Stack, http: httpx.Client, undisturbed: dict[str, bytes]
    ) -> None:
        moments = random.Random(20)
        job_id = submitted(http, order(LONG))
        for _ in range(3):
            stack.start("worker")
            wait_for_parts(stack, job_id, parts_of(stack, job_id) + 1)
            time.sleep(moments.uniform(0, 0.3))
            stack.kill("worker")
            assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "running"
        stack.start("worker")
        results = fetched(http, ended(http, job_id))
        assert results["audio"] == undisturbed[LONG]
        assert results["text"].decode() == LONG
        assert only_results_are_left(stack, job_id)
        assert stack.log("worker").count(f"{job_id} succeeded") == 1

    def test_killed_while_it_writes_it_leaves_no_half_of_a_file(
        self, stack: Stack, http: httpx.Client, undisturbed: dict[str, bytes]
    ) -> None:
        stack.start("worker")
        job_id = submitted(http, order(LONG))
        end = time.monotonic() + 30
        while not is_writing(stack.processes["worker"].pid, stack.data / "jobs" / job_id):
            assert time.monotonic() < end
        stack.kill("worker")
        stack.start("worker")
        assert fetched(http, ended(http, job_id))["audio"] == undisturbed[LONG]
        assert only_results_are_left(stack, job_id)

    def test_told_to_end_it_leaves_its_job_to_the_next_one(
        self, stack: Stack, http: httpx.Client, undisturbed: dict[str, bytes]
    ) -> None:
        stack.start("worker")
        job_id = submitted(http, order(LONG))
        wait_for_parts(stack, job_id, 2)
        began = time.monotonic()
        stack.stop("worker")
        assert time.monotonic() - began < 5
        assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "running"
        stack.start("worker")
        assert fetched(http, ended(http, job_id))["audio"] == undisturbed[LONG]
        assert only_results_are_left(stack, job_id)

    def test_a_job_that_was_cancelled_while_it_was_dead_stays_so(self, stack: Stack, http: httpx.Client) -> None:
        stack.start("worker")
        job_id = submitted(http, order(LONG))
        wait_for_parts(stack, job_id, 1)
        stack.kill("worker")
        assert http.delete(f"/v1/jobs/{job_id}").json()["state"] == "cancelled"
        stack.start("worker")
        stack.start("another")
        assert ended(http, submitted(http, order("Good morning.")))["state"] == "succeeded"
        job = http.get(f"/v1/jobs/{job_id}").json()
        assert (job["state"], job["results"]) == ("cancelled", [])
        assert "taken over" not in stack.log("another")


def put_to_sleep(stack: Stack, name: str) -> None:
    """Stop a worker while it does not write: SQLite's lock would sleep with it, and nobody could write any more."""
    for _ in patiently(20):
        stack.processes[name].send_signal(signal.SIGSTOP)
        with closing(sqlite3.connect(stack.folder / "jobs.sqlite", timeout=0.5)) as database:
            try:
                database.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                stack.processes[name].send_signal(signal.SIGCONT)
                continue
            database.rollback()
            return
    raise AssertionError("the worker writes all the time")


class TestTwoWorkers:
    def test_the_living_one_takes_over_the_jobs_of_the_dead(
        self, stack: Stack, http: httpx.Client, undisturbed: dict[str, bytes]
    ) -> None:
        ids = [submitted(http, order(SHORT)) for _ in range(20)]
        for name in ("one", "two"):
            stack.start(name)
        assert any(pending_of(stack, "one") == pending_of(stack, "two") == 4 for _ in patiently(30))
        stack.kill("one")
        left = pending_of(stack, "one")
        assert left > 0
        for job_id in ids:
            assert fetched(http, ended(http, job_id))["audio"] == undisturbed[SHORT]
        assert only_results_are_left(stack, *ids)
        assert "worker one is silent; its jobs are taken over" in stack.log("two")
        assert pending_of(stack, "one") == 0

    @pytest.mark.heavy
    def test_one_that_only_slept_does_not_spoil_what_was_taken_over(
        self, stack: Stack, http: httpx.Client, undisturbed: dict[str, bytes]
    ) -> None:
        stack.start("one")
        job_id = submitted(http, order(LONG))
        wait_for_parts(stack, job_id, 1)
        put_to_sleep(stack, "one")
        stack.start("two")
        wait_for_parts(stack, job_id, parts_of(stack, job_id) + 3)
        stack.processes["one"].send_signal(signal.SIGCONT)
        assert fetched(http, ended(http, job_id))["audio"] == undisturbed[LONG]
        assert ended(http, submitted(http, order("Good morning.")))["state"] == "succeeded"
        assert {name for name in stack.stored() if job_id in name} == {f"jobs/{job_id}/{name}" for name in RESULTS}

    def test_all_may_start_at_once_on_a_new_database(self, tmp_path: Path, engines: Stack) -> None:
        names = ("gateway", "one", "two", "three")
        with running(tmp_path / "new", *names, **engines.as_services) as stack, stack.client() as http:
            ids = [submitted(http, order("Good morning.")) for _ in range(6)]
            assert [ended(http, job_id)["state"] for job_id in ids] == ["succeeded"] * 6
            for name in names:
                assert "Traceback" not in stack.log(name)


class TestGateway:
    def test_what_it_has_acknowledged_is_there_after_its_death(self, stack: Stack, http: httpx.Client) -> None:
        acknowledged: list[str] = []

        def post(_: int) -> None:
            try:
                answer = http.post("/v1/jobs", json=order("Good morning."))
            except httpx.TransportError:
                return
            if answer.status_code == 202:
                acknowledged.append(answer.json()["id"])

        with ThreadPoolExecutor(16) as pool:
            posts = pool.map(post, range(120))
            assert any(len(acknowledged) > 20 for _ in patiently(20))
            stack.kill("gateway")
            list(posts)
        assert 20 < len(acknowledged) < 120
        stack.start("gateway")
        stack.wait_ready("gateway")
        with stack.client() as again:
            for job_id in acknowledged:
                assert again.get(f"/v1/jobs/{job_id}").json()["state"] == "queued"
            stack.start("worker")
            assert ended(again, acknowledged[-1])["state"] == "succeeded"

    def test_killed_right_after_its_answer_the_job_is_done(self, stack: Stack, http: httpx.Client) -> None:
        job_id = submitted(http, order(TEXT))
        stack.kill("gateway")
        stack.start("worker")
        stack.start("gateway")
        stack.wait_ready("gateway")
        assert set(fetched(http, ended(http, job_id))) == {"audio", "tagged", "text"}


class TestServices:
    def test_the_tts_service_may_die_in_the_middle(self, tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
        names = ("tts", "sentiment", "gateway", "worker")
        with running(tmp_path / "own", *names, TIMBRE_PARTS_AT_ONCE="1") as stack, stack.client() as http:
            job_id = submitted(http, order(LONG))
            wait_for_parts(stack, job_id, 2)
            stack.kill("tts")
            parts = parts_of(stack, job_id)
            stack.start("tts")
            assert fetched(http, ended(http, job_id))["audio"] == undisturbed[LONG]
            assert parts < 20
            assert only_results_are_left(stack, job_id)

    def test_a_service_that_is_away_is_waited_for(self, tmp_path: Path) -> None:
        with running(tmp_path / "own", "gateway", "worker") as stack, stack.client() as http:
            job_id = submitted(http, order("Good morning."))
            assert any(http.get(f"/v1/jobs/{job_id}").json()["step"] == "tag" for _ in patiently(30))
            stack.start("tts")
            stack.start("sentiment")
            assert ended(http, job_id)["state"] == "succeeded"


STEPS = PARTS + 4
FAULTS = [f"{when}:{number}" for number in range(1, STEPS + 1) for when in ("before", "after")] + [
    "written:4"
]  # the parts of the sound aside


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory, engines: Stack) -> Iterator[Stack]:
    """A gateway that all faults share."""
    with running(
        tmp_path_factory.mktemp("lasting"), "gateway", **engines.as_services, TIMBRE_PARTS_AT_ONCE="1"
    ) as stack:
        yield stack


@pytest.mark.heavy
@pytest.mark.parametrize("fault", FAULTS)
def test_a_worker_may_die_at_every_step(fault: str, lasting: Stack, undisturbed: dict[str, bytes]) -> None:
    die_at(fault, lasting, undisturbed)


@pytest.mark.parametrize("fault", ["after:2", f"after:{STEPS - 1}"])
def test_a_worker_may_die_with_its_work_done_but_not_written_down(
    fault: str, lasting: Stack, undisturbed: dict[str, bytes]
) -> None:
    die_at(fault, lasting, undisturbed)


def die_at(fault: str, stack: Stack, undisturbed: dict[str, bytes]) -> None:
    before = set(stack.stored())
    with stack.client() as http:
        job_id = submitted(http, order(TEXT))
        stack.start("worker", FAULTY_WORKER, TEST_FAULT=fault)
        assert stack.processes["worker"].wait(30) == -signal.SIGKILL
        assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "running"
        stack.start("worker")
        assert fetched(http, ended(http, job_id))["audio"] == undisturbed[TEXT]
    stack.stop("worker")
    assert set(stack.stored()) - before == {f"jobs/{job_id}/{name}" for name in RESULTS}
    with closing(sqlite3.connect(stack.folder / "jobs.sqlite")) as database:
        steps = "SELECT function_name FROM operation_outputs WHERE workflow_uuid = ? ORDER BY function_id"
        names = [name for (name,) in database.execute(steps, [job_id])]
    assert names == ["store", "tag", *["speak"] * PARTS, "join", "tidy"]
