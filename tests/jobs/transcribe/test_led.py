"""The batch as a process that another leads."""

import json
import subprocess
import sys

from jobs.transcribe.claims import Claims
from tests.jobs.transcribe.buckets import BROKEN, LEASE_SECONDS, Recorded, environment
from tests.started import patiently


def started(order: dict[str, object], **settings: str) -> "subprocess.Popen[bytes]":
    command, pipe = [sys.executable, "-m", "jobs.transcribe.led"], subprocess.PIPE
    process = subprocess.Popen(command, env=environment(settings), stdin=pipe, stdout=pipe, stderr=pipe)
    assert process.stdin
    process.stdin.write(json.dumps(order).encode() + b"\n")
    process.stdin.flush()
    return process


def told(process: "subprocess.Popen[bytes]") -> tuple[int, object]:
    """Return status and answer of one that ends while it is led."""
    assert process.stdout
    answer = json.load(process.stdout)
    return process.wait(60), answer


def test_it_tells_how_many_ended_how(folder: Recorded) -> None:
    folder.add_note("secret name.wav")
    folder.add("broken.wav", BROKEN, None)
    with started({"url": folder.location, "child": 7, "options": {"language": "en", "prompt": "a\0b"}}) as process:
        assert told(process) == (3, {"states": {"written": 1, "failed": 1}})
        assert process.stderr
        assert b"secret" not in process.stderr.read()
    folder.require_settled()
    options = folder.transcript("secret name.wav")["options"]
    assert (options["language"], options["prompt"]) == ("en", "a\0b")


def test_what_others_do_is_not_counted(folder: Recorded) -> None:
    folder.add_note("a.wav")
    folder.add_note("b.wav")
    held = Claims(folder.objects, "another", LEASE_SECONDS).holding("a.wav")
    with held, started({"url": folder.location}, TIMBRE_BATCH_WAITS="false") as process:
        assert told(process) == (0, {"states": {"written": 1}})


def test_nothing_at_all(folder: Recorded) -> None:
    with started({"url": folder.location}) as process:
        assert told(process) == (0, {"states": {}})


def test_a_problem_is_told_as_it_is(folder: Recorded) -> None:
    with started({"url": f"{folder.location}/away"}) as process:
        status, answer = told(process)
    assert status == 1
    assert answer["problem"]["type"] == "urn:timbre:problem:invalid-input"  # type: ignore[index]


def test_settings_that_are_wrong_are_for_the_log(folder: Recorded) -> None:
    with started({"url": folder.location}, TIMBRE_BATCH_LIVES="some") as process:
        assert process.wait(60) == 1
        assert process.stderr
        log = process.stderr.read()
    assert b"TIMBRE_BATCH_LIVES: Input should be a valid integer" in log
    assert b"Traceback" not in log


def test_it_ends_with_whoever_leads_it(folder: Recorded) -> None:
    folder.add_note("a.wav")
    folder.add_note("b.wav")
    held = Claims(folder.objects, "another", LEASE_SECONDS).holding("a.wav")
    with held, started({"url": folder.location}) as process:
        assert any(folder.keys("processed/") for _ in patiently())
        assert process.stdin
        process.stdin.close()
        assert process.wait(60) == 143
    assert folder.keys("input/") == ["a.wav"]
    assert not folder.keys("child_job_input/")
