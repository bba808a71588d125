"""What the command has beside `run`, and how it is used."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jobs.transcribe.__main__ import main
from tests.jobs.transcribe.buckets import BROKEN, Recorded, environment, fill_with_all_sorts, note

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
