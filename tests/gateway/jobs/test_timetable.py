"""Batch speech-to-text by the clock, as the worker of the jobs starts it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.gateway.jobs.stack import Stack, running
from tests.jobs.transcribe.buckets import SETTINGS, Recorded
from tests.started import patiently


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    recorded = Recorded(str(tmp_path / "recordings"))
    recorded.add_note("a.wav")
    return recorded


@contextmanager
def every_second(folder: Path, location: str) -> Iterator[Stack]:
    """Run a worker whose timetable names a bucket, and each second."""
    with running(folder, **SETTINGS, TIMBRE_BATCH_URL=location, TIMBRE_BATCH_SCHEDULE="* * * * * *") as stack:
        stack.start("worker")
        yield stack


def test_what_waits_is_written_down_when_its_time_has_come(recorded: Recorded, tmp_path: Path) -> None:
    with every_second(tmp_path / "stack", recorded.location) as stack:
        for _ in patiently():
            if recorded.keys("processed/") and not recorded.keys("child_job_input/"):
                break
        else:
            raise AssertionError(stack.log("worker"))
        assert "recordings" not in stack.log("worker")
    recorded.require_settled()


def test_none_begins_while_the_last_one_still_runs(recorded: Recorded, tmp_path: Path) -> None:
    with every_second(tmp_path / "stack", recorded.location) as stack:
        log = tmp_path / "stack" / "worker.log"
        for _ in patiently():
            if log.exists() and "the last one still runs" in log.read_text():
                break
            if recorded.keys("processed/"):  # it was done within a second
                recorded.add_note("a.wav", 130.0)
        else:
            raise AssertionError(stack.log("worker"))
        for _ in patiently():
            if not recorded.keys("input/") and not recorded.keys("child_job_input/"):
                break
    recorded.require_settled()


def test_one_that_cannot_be_started_is_an_error_in_the_log(tmp_path: Path) -> None:
    with every_second(tmp_path / "stack", "http://example.com") as stack:
        log, told = tmp_path / "stack" / "worker.log", []
        for _ in patiently():
            lines = log.read_text().splitlines() if log.exists() else []
            told = [line for line in lines if "urn:timbre:problem:invalid-input" in line]
            if told:
                break
        else:
            raise AssertionError(stack.log("worker"))
    assert '"level":"error"' in told[0].lower().replace(" ", "")
