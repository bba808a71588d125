"""Disks that are full: of data, of temporary files, of the database. It is said, and all goes on when there is room."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.disks import filled, small_disk
from tests.gateway.jobs.stack import HASTY_WORKER, Stack, ended, fetched, order, running, submitted
from tests.started import patiently

TEXT = " ".join(f"Sentence number {number} is one of some in a text." for number in range(45))
LONG = " ".join(f"Sentence number {number} is one of very many in a text." for number in range(600))
RESULTS = {"audio.wav", "tagged.ssml", "text.txt"}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", 16 << 20) as disk:
        yield disk


@contextmanager
def at_work(engines: Stack, folder: Path, **settings: str) -> Iterator[tuple[Stack, httpx.Client]]:
    with running(folder, "gateway", **engines.as_services, **settings) as stack, stack.client() as http:
        stack.start("worker", HASTY_WORKER)
        yield stack, http


@pytest.mark.parametrize("setting", ["TIMBRE_DATA", "TMPDIR"])
def test_a_job_without_room_fails_for_that_reason_and_can_be_taken_up_again(
    engines: Stack, tmp_path: Path, disk: Path, setting: str
) -> None:
    with at_work(engines, tmp_path / "stack", **{setting: str(disk)}) as (stack, http):
        earlier = ended(http, submitted(http, order(TEXT)))
        there = files(disk)
        ballast = filled(disk)
        job = ended(http, submitted(http, order(TEXT)))
        assert (job["state"], job["error"]["type"]) == ("failed", "urn:timbre:problem:storage-full")
        assert ("temporary" in job["error"]["detail"]) == (setting == "TMPDIR")
        assert files(disk) == there | {ballast}  # nothing is half written
        ballast.unlink()
        assert http.post(f"/v1/jobs/{job['id']}/retry").status_code == 202
        job = ended(http, job["id"])
        assert fetched(http, job)["audio"] == fetched(http, earlier)["audio"]
        data = disk if setting == "TIMBRE_DATA" else stack.data
        assert files(data) == {data / "jobs" / one["id"] / name for one in (job, earlier) for name in RESULTS}


def test_a_full_database_takes_nothing_and_loses_nothing(engines: Stack, tmp_path: Path, disk: Path) -> None:
    with at_work(engines, tmp_path / "stack", TIMBRE_DATABASE=str(disk / "jobs.sqlite")) as (stack, http):
        broken = ended(http, submitted(http, order("<speak><wrong/></speak>", text_type="ssml")))
        job_id = submitted(http, order(LONG))
        assert any(is_spoken_partly(stack) for _ in patiently(30))
        ballast = filled(disk)
        assert_refused(http.post("/v1/jobs", json=order(LONG * 20)))
        assert_refused(http.post(f"/v1/jobs/{broken['id']}/retry"))
        assert_refused(http.delete(f"/v1/jobs/{job_id}"))
        assert_refused(http.delete("/v1/jobs"))
        assert http.get(f"/v1/jobs/{job_id}").json()["state"] == "running"
        met_the_full_disk = "the database of jobs cannot be reached; trying again soon"
        assert any(met_the_full_disk in stack.log("worker") for _ in patiently(30))
        ballast.unlink()
        assert ended(http, job_id, 60)["state"] == "succeeded"
        assert ended(http, submitted(http, order(TEXT)))["state"] == "succeeded"
        for name in ("gateway", "worker"):
            assert "Traceback" not in stack.log(name)


def is_spoken_partly(stack: Stack) -> bool:
    return any(name.endswith(".pcm") for name in stack.stored())


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def assert_refused(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:timbre:problem:storage-full")
