"""The command as people use it, over folders and buckets."""

import json
import os
import signal
from pathlib import Path

import pytest

from jobs.transcribe.claims import Claims
from shared.objects.s3 import connect
from tests.jobs.transcribe.buckets import LEASE_SECONDS, Recorded, fill_with_all_sorts, note
from tests.shared.objects.s3_server import fill
from tests.started import ROOT, patiently


class TestRun:
    def test_every_recording_ends_with_one_output_or_one_reason(self, recorded: Recorded, tmp_path: Path) -> None:
        fill_with_all_sorts(recorded)
        ended = recorded.call("run")
        assert ended.status == 3
        recorded.require_settled()
        assert recorded.objects.get("output/silent.wav.txt") == b""
        assert not list(Path.cwd().glob("canary"))
        for name in ("canary", "Größe", "rm -rf", "echo"):
            assert name not in ended.err
        assert "The audio file is empty." in " ".join(ended.out.split())

    def test_what_the_json_tells(self, folder: Recorded) -> None:
        folder.add_note("a/b.wav", seconds=2.0)
        etag = folder.objects.head("input/a/b.wav").etag
        assert folder.call("run", "--language", "en", "--keyword", "echo").status == 0
        found = folder.transcript("a/b.wav")
        assert {name: found[name] for name in ("key", "etag", "model", "language", "duration_seconds")} == {
            "key": "a/b.wav",
            "etag": etag,
            "model": "fake/1",
            "language": "en",
            "duration_seconds": 2.0,
        }
        assert found["options"] == {
            "task": "transcribe",
            "language": "en",
            "prompt": "",
            "temperature": 0.0,
            "keywords": ["echo"],
        }
        (segment,) = found["segments"]
        assert (segment["start_seconds"], segment["end_seconds"], len(segment["words"])) == (0.0, 2.0, 4)
        assert segment["words"][3] == {"text": "echo", "start_seconds": 1.5, "end_seconds": 2.0, "probability": 0.9}
        assert folder.objects.get("output/a/b.wav.txt") == b"echo echo echo echo\n"

    def test_nothing_at_all(self, recorded: Recorded) -> None:
        for _ in range(2):
            ended = recorded.call("run")
            assert (ended.status, ended.out) == (0, "Nothing waits in input/.\n")
        assert recorded.keys() == []

    def test_claims_of_the_dead_are_removed_also_where_nothing_waits(self, recorded: Recorded) -> None:
        with Claims(recorded.objects, "dead", LEASE_SECONDS).holding("a.wav") as held:
            assert held
            held.is_lost = True  # so that it stays
        assert len(recorded.keys("child_job_input/claims/")) == 1
        assert recorded.call("run").out == "Nothing waits in input/.\n"
        assert recorded.keys() == []

    def test_what_is_done_is_not_done_again_and_what_has_changed_is(self, recorded: Recorded) -> None:
        recorded.add_note("a.wav")
        recorded.add_note("b.wav")
        assert recorded.call("run").status == 0
        first = recorded.objects.head("output/a.wav.json").etag
        for key in ("a.wav", "b.wav"):
            etag = recorded.objects.head(f"processed/{key}").etag
            recorded.objects.move(f"processed/{key}", f"input/{key}", if_match=etag)
        recorded.add_note("b.wav", 130.0)
        ended = recorded.call("run")
        assert ended.status == 0
        assert ended.counts[:4] == [1, 1, 0, 0]
        assert recorded.objects.head("output/a.wav.json").etag == first
        recorded.require_settled()

    def test_other_options_make_another_output(self, recorded: Recorded) -> None:
        recorded.add_note("a.wav")
        assert recorded.call("run").status == 0
        etag = recorded.objects.head("processed/a.wav").etag
        recorded.objects.move("processed/a.wav", "input/a.wav", if_match=etag)
        assert recorded.call("run", "--task", "translate").status == 0
        recorded.said["a.wav"] = "ECHO ECHO"
        recorded.require_settled()

    def test_what_others_wrote_where_the_output_belongs_is_replaced(self, recorded: Recorded) -> None:
        recorded.add_note("a.wav")
        recorded.objects.put("output/a.wav.json", b"{}")
        recorded.objects.put("output/a.wav.txt", b"who wrote this?")
        assert recorded.call("run").status == 0
        recorded.require_settled()

    def test_outputs_that_cannot_lie_beside_others_have_a_reason(self, folder: Recorded) -> None:
        folder.add_note("a.wav")
        folder.add_note("b.wav")
        folder.objects.put("output/a.wav.json/x", b"")
        assert folder.call("run").status == 3
        assert folder.keys("failed/") == ["a.wav", "a.wav.problem.json"]
        assert folder.keys("processed/") == ["b.wav"]

    def test_a_recording_whose_place_is_a_folder_is_left(self, folder: Recorded) -> None:
        folder.add_note("a")
        folder.add("b", b"", None)
        for key in ("processed/a/x.wav", "failed/b/x.wav"):
            folder.objects.put(key, b"")
        ended = folder.call("run")
        assert ended.counts[:4] == [0, 0, 0, 2]
        assert (ended.status, folder.keys("input/")) == (3, ["a", "b"])

    @pytest.mark.heavy
    @pytest.mark.timeout(1800)
    def test_a_thousand_and_one_among_all_sorts(self, recorded: Recorded) -> None:
        fill_with_all_sorts(recorded)
        sorts = len(recorded.said)
        for number in range(1001):
            recorded.add_note(f"{number // 100}/{number}.wav", 130.0 if number % 2 else 150.0, seconds=0.5)
        ended = recorded.call("run", timeout_seconds=1700)
        assert (ended.status, ended.counts[:4]) == (3, [1001 + sorts, 0, 3, 0])
        recorded.require_settled()

    def test_more_than_a_page_is_found(self, s3_server: str, s3: Recorded) -> None:
        bucket, _, prefix = s3.location.removeprefix("s3://").partition("/")
        fill(bucket, (f"{prefix}/input/{number:04}.txt" for number in range(1001)))
        assert s3.call("plan", "--children", "7").status == 0
        lists = [s3.objects.get(f"child_job_input/{child}").decode().split() for child in range(7)]
        assert sorted(key for keys in lists for key in keys) == [f"{number:04}.txt" for number in range(1001)]
        assert sorted(map(len, lists)) == [143] * 7


class TestEnding:
    @pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_what_is_begun_is_given_up_for_others(self, folder: Recorded, number: int, status: int) -> None:
        folder.add_note("a.wav")
        program = f"{ROOT / 'tests' / 'jobs' / 'transcribe' / 'mortal.py'}"
        process = folder.start("run", program=program, TEST_FAULT="hang:transcribe:before")
        try:
            for _ in patiently():
                if folder.keys("child_job_input/claims/"):
                    break
            os.kill(process.pid, number)
            _, err = process.communicate(timeout=120)
        finally:
            process.kill()
        assert (process.returncode, folder.keys("child_job_input/")) == (status, []), err
        assert folder.call("run").status == 0
        folder.require_settled()


def test_the_reason_says_what_was_wrong(folder: Recorded) -> None:
    folder.add("a.wav", b"", None)
    folder.call("run")
    reason = json.loads(folder.objects.get("failed/a.wav.problem.json"))
    assert (reason["key"], reason["model"]) == ("a.wav", "fake/1")
    assert (reason["problem"]["status"], reason["problem"]["detail"]) == (400, "The audio file is empty.")


def test_boto_sees_plain_objects(s3: Recorded) -> None:
    bucket, _, prefix = s3.location.removeprefix("s3://").partition("/")
    client = connect()
    client.put_object(Bucket=bucket, Key=f"{prefix}/input/a.wav", Body=note(150.0))
    client.put_object(Bucket=bucket, Key=f"{prefix}/input/", Body=b"")
    assert s3.call("run").status == 0
    body = client.get_object(Bucket=bucket, Key=f"{prefix}/output/a.wav.txt")["Body"].read()
    assert body == b"echo echo\n"
