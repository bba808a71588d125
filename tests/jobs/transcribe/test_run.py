"""The command as people use it, over folders and buckets."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs.transcribe.__main__ import main
from jobs.transcribe.claims import Claims
from shared.objects.s3 import connect
from tests.jobs.transcribe.buckets import BROKEN, LEASE_SECONDS, Recorded, environment, note, nothing_said
from tests.shared.objects.s3_server import fill
from tests.started import ROOT, patiently

Inside = Callable[..., tuple[int, str]]


@pytest.fixture
def inside(capsys: pytest.CaptureFixture[str]) -> Iterator[Inside]:
    """Run a command that is refused before it starts anything, in this process; return its status and what it says."""

    def call(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        return int(str(ended.value.code)), capsys.readouterr().err

    handler = signal.getsignal(signal.SIGTERM)
    yield call
    signal.signal(signal.SIGTERM, handler)


def fill_with_all_sorts(recorded: Recorded) -> None:
    """Put the seed's mixed files: kinds, sub-folders, names for a shell, names alike, and what is no recording."""
    recorded.add_note("a/b.wav")
    recorded.add_note("a.b.wav", 110.0)
    recorded.add_note("a.c.wav", 130.0)
    recorded.add_note("a.b.mp3", 240.0, kind="mp3")
    recorded.add_note("; rm -rf", kind="flac")
    recorded.add_note("$(touch canary) `touch canary` && touch canary | 'x' \"y\".wav")
    recorded.add_note("-rf")
    recorded.add_note("Größe 100% & more+ [bold]日本語.wav", 130.0)
    recorded.add("silent.wav", nothing_said(), "")
    recorded.add("empty.wav", b"", None)
    recorded.add("deep/er/broken.wav", BROKEN, None)
    recorded.add("notes.txt", b"hello", None)


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


class TestPlan:
    def test_a_plan_is_shown_and_written(self, recorded: Recorded) -> None:
        fill_with_all_sorts(recorded)
        dry = recorded.call("plan", "--children", "3", "--dry-run")
        assert (dry.status, recorded.keys("child_job_input/")) == (0, [])
        assert recorded.call("plan", "--children", "5").status == 0
        assert recorded.call("plan", "--children", "3").out == dry.out
        lists = [recorded.objects.get(f"child_job_input/{child}").decode().split("\n")[:-1] for child in range(3)]
        assert sorted(key for keys in lists for key in keys) == recorded.keys("input/")
        assert recorded.keys("child_job_input/") == ["0", "1", "2"]

    def test_nothing_to_plan(self, recorded: Recorded) -> None:
        assert recorded.call("plan").out == "Nothing waits in input/.\n"


class TestRetry:
    def test_what_failed_is_tried_again(self, recorded: Recorded) -> None:
        recorded.add("a/b.wav", BROKEN, None)
        recorded.add("empty.wav", b"", None)
        assert recorded.call("run").status == 3
        told = recorded.call("status")
        assert told.status == 3
        assert "The audio file is empty." in " ".join(told.out.split())
        ended = recorded.call("retry")
        assert (ended.status, ended.out) == (0, "2 of 2 recordings in failed/ are back in input/.\n")
        assert recorded.keys("failed/") == []
        assert recorded.call("status").status == 0
        recorded.add_note("a/b.wav")
        assert recorded.call("run").status == 3
        recorded.require_settled()

    def test_what_waits_is_not_overwritten(self, recorded: Recorded) -> None:
        recorded.add("a.wav", BROKEN, None)
        assert recorded.call("run").status == 3
        recorded.objects.put("input/a.wav", note(150.0))
        ended = recorded.call("retry")
        assert (ended.status, ended.out.splitlines()[0]) == (3, "0 of 1 recordings in failed/ are back in input/.")
        assert recorded.objects.get("input/a.wav") == note(150.0)
        assert recorded.objects.get("failed/a.wav") == BROKEN
        assert recorded.objects.exists("failed/a.wav.problem.json")


class TestUse:
    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("run",),
            ("run", "http://example.com"),
            ("run", "no-such-folder"),
            ("status", "no-such-folder"),
            ("run", "s3://"),
            ("run", ".", "--processes", "0"),
            ("plan", ".", "--children", "x"),
            ("no-such-command", "."),
        ],
    )
    def test_wrong_use(
        self, arguments: tuple[str, ...], inside: Inside, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        status, err = inside(*arguments)
        assert (status, "usage: timbre batch" in err) == (2, True)

    @pytest.mark.parametrize(
        ("option", "value"),
        [
            ("--temperature", "nan"),
            ("--temperature", "1.5"),
            ("--keyword", "\udcff"),  # bytes that are no UTF-8
            ("--prompt", "\udcff"),
            ("--language", "\udcff"),
        ],
    )
    def test_wrong_options(self, folder: Recorded, inside: Inside, option: str, value: str) -> None:
        folder.add_note("a.wav")
        status, err = inside("run", folder.location, option, value)
        assert (status, f"{option}: " in err, folder.keys()) == (2, True, ["input/a.wav"]), err

    def test_wrong_use_as_a_process(self) -> None:
        ended = Recorded("no-such-folder").call("run")
        assert (ended.status, "usage: timbre batch" in ended.err) == (2, True)

    def test_wrong_settings(self, folder: Recorded) -> None:
        ended = folder.call("run", TIMBRE_BATCH_PROCESSES="many")
        assert (ended.status, "TIMBRE_BATCH_PROCESSES" in ended.err) == (2, True)

    @pytest.mark.parametrize(
        ("settings", "options", "status", "words"),
        [
            ({"TIMBRE_STT_MODEL": "no-such-model"}, (), 1, "No model"),
            ({"TIMBRE_STT_MODEL": "no-such-model", "TIMBRE_MODELS": "s3://"}, (), 2, "names a bucket"),
            (
                {"TIMBRE_STT_ENGINE": "pocketsphinx"},
                ("--keyword", "echo", "--task", "translate"),
                2,
                "translate, keyword",
            ),
        ],
    )
    def test_what_cannot_be_done_is_said_at_once(
        self, folder: Recorded, settings: dict[str, str], options: tuple[str, ...], status: int, words: str
    ) -> None:
        folder.add_note("a.wav")
        ended = folder.call("run", *options, **settings)
        assert (ended.status, folder.keys()) == (status, ["input/a.wav"]), ended.err
        assert words in ended.err

    def test_a_bucket_that_is_not_there(self, s3_server: str) -> None:
        ended = Recorded("s3://no-such-bucket-anywhere").call("run")
        assert (ended.status, ended.err) == (
            1,
            "The storage refuses us: The object storage has no bucket of that name.\n",
        )

    def test_it_is_a_command_of_timbre(self, folder: Recorded) -> None:
        folder.add_note("a.wav")
        command = [sys.executable, "-m", "client", "batch", "run", folder.location]
        done = subprocess.run(command, env=environment({}), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        folder.require_settled()


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
