"""Batch speech-to-text by the clock, as the worker of the jobs starts it."""

from pathlib import Path

from tests.gateway.jobs.stack import running
from tests.jobs.transcribe.buckets import SETTINGS, Recorded
from tests.started import patiently

_EVERY_SECOND = "* * * * * *"


def test_what_waits_is_written_down_when_its_time_has_come(tmp_path: Path) -> None:
    recorded = Recorded(str(tmp_path / "recordings"))
    recorded.add_note("a.wav")
    settings = {**SETTINGS, "TIMBRE_BATCH_URL": recorded.location, "TIMBRE_BATCH_SCHEDULE": _EVERY_SECOND}
    with running(tmp_path / "stack", **settings) as stack:
        stack.start("worker")
        for _ in patiently():
            if recorded.keys("processed/") and not recorded.keys("child_job_input/"):
                break
        else:
            raise AssertionError(stack.log("worker"))
        assert "recordings" not in stack.log("worker")
    recorded.require_settled()


def test_none_begins_while_the_last_one_still_runs(tmp_path: Path) -> None:
    recorded = Recorded(str(tmp_path / "recordings"))
    recorded.add_note("a.wav")
    settings = {**SETTINGS, "TIMBRE_BATCH_URL": recorded.location, "TIMBRE_BATCH_SCHEDULE": _EVERY_SECOND}
    with running(tmp_path / "stack", **settings) as stack:
        stack.start("worker")
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
    settings = {**SETTINGS, "TIMBRE_BATCH_URL": "http://example.com", "TIMBRE_BATCH_SCHEDULE": _EVERY_SECOND}
    with running(tmp_path / "stack", **settings) as stack:
        stack.start("worker")
        log, told = tmp_path / "stack" / "worker.log", []
        for _ in patiently():
            lines = log.read_text().splitlines() if log.exists() else []
            told = [line for line in lines if "urn:timbre:problem:invalid-input" in line]
            if told:
                break
        else:
            raise AssertionError(stack.log("worker"))
    assert '"level":"error"' in told[0].lower().replace(" ", "")
