"""Whatever dies, and whenever: every recording ends with one right output or one reason."""

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.jobs.transcribe.buckets import BROKEN, Ended, Recorded, nothing_said
from tests.started import ROOT, patiently

PROGRAM = str(ROOT / "tests" / "jobs" / "transcribe" / "mortal.py")
KILLS = 25
POINTS = {
    "claiming": "put:before:^child_job_input/claims/",
    "claimed": "put:after:^child_job_input/claims/",
    "looking": "head:after:^input/",
    "looking for an output": "get:before:^output/",
    "transcribing": "transcribe:before:",
    "reading": "open:after:^input/",
    "transcribed": "transcribe:after:",
    "writing the JSON": "put:before:^output/.*json$",
    "written the JSON": "put:after:^output/.*json$",
    "writing the text": "put:before:^output/.*txt$",
    "written the text": "put:after:^output/.*txt$",
    "moving": "move:before:^input/",
    "moved": "move:after:^input/",
    "looking for a reason": "get:before:^failed/",
    "giving back": "delete:before:^child_job_input/claims/",
    "given back": "delete:after:^child_job_input/claims/",
}
OF_REASONS = {
    "writing the reason": "put:before:^failed/",
    "written the reason": "put:after:^failed/",
    "moving what failed": "move:before:^input/",
    "moved what failed": "move:after:^input/",
}
OF_S3 = {"copied": "delete:before:^input/", "removed": "delete:after:^input/"}
"""Between the two halves of a move, where that is no single step."""
SOME = ("claimed", "written the JSON", "moved")


@pytest.fixture(params=["folder", pytest.param("s3", marks=pytest.mark.heavy)])
def recorded(request: pytest.FixtureRequest) -> Recorded:
    """Return a bucket of each kind; deaths over S3 take minutes, as its stand-in is slow."""
    found: Recorded = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    """Where the program notes what it does."""
    (marks := tmp_path / "marks").mkdir()
    return marks


def killed(marks: Path) -> int:
    return sum(1 for mark in marks.iterdir() if mark.name != "transcribed")


def transcribed(marks: Path) -> Counter[str]:
    return Counter((marks / "transcribed").read_text().splitlines())


def call(recorded: Recorded, fault: str, marks: Path) -> Ended:
    return recorded.call("run", program=PROGRAM, TEST_FAULT=fault, TEST_MARKS=str(marks))


def start(recorded: Recorded, fault: str, marks: Path, **settings: str) -> "subprocess.Popen[str]":
    return recorded.start("run", program=PROGRAM, TEST_FAULT=fault, TEST_MARKS=str(marks), **settings)


@contextmanager
def ended_at_last(*processes: "subprocess.Popen[str]") -> Iterator[None]:
    try:
        yield
    finally:
        for process in processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def fill(recorded: Recorded, count: int, *, broken: bool = False) -> None:
    for number in range(count):
        if broken:
            recorded.add(f"{number}.wav", BROKEN, None)
        else:
            recorded.add_note(f"{number}.wav", 130.0 if number % 2 else 150.0)


class TestAProcessDies:
    """Another of this command's takes up what it was doing."""

    @pytest.mark.parametrize("point", SOME)
    def test_once(self, recorded: Recorded, marks: Path, point: str) -> None:
        self.kill(recorded, marks, POINTS[point], 1)

    @pytest.mark.heavy
    @pytest.mark.parametrize("point", POINTS)
    def test_at_every_step(self, recorded: Recorded, marks: Path, point: str) -> None:
        self.kill(recorded, marks, POINTS[point], KILLS)

    @pytest.mark.heavy
    @pytest.mark.parametrize("point", OF_S3)
    def test_between_the_halves_of_a_move(self, s3: Recorded, marks: Path, point: str) -> None:
        self.kill(s3, marks, OF_S3[point], KILLS)

    @pytest.mark.heavy
    @pytest.mark.parametrize("point", OF_REASONS)
    def test_over_what_cannot_be_written_down(self, recorded: Recorded, marks: Path, point: str) -> None:
        self.kill(recorded, marks, OF_REASONS[point], KILLS, broken=True)

    def kill(self, recorded: Recorded, marks: Path, point: str, count: int, *, broken: bool = False) -> None:
        fill(recorded, count, broken=broken)
        ended = call(recorded, f"kill:{point}", marks)
        written, unchanged, failed, left = ended.counts[:4]
        assert (ended.status, written + unchanged, failed, left) == ((3, 0, count, 0) if broken else (0, count, 0, 0))
        assert killed(marks) == count
        recorded.require_settled()
        if not broken:
            assert set(transcribed(marks).values()) <= {1, 2}

    def test_the_one_that_forks_the_others(self, folder: Recorded, marks: Path) -> None:
        fill(folder, 2)
        assert call(folder, "orphan:transcribe:before:", marks).status == 0
        assert killed(marks) == 2
        folder.require_settled()

    def test_of_one_recording_again_and_again(self, folder: Recorded) -> None:
        folder.add("deadly.wav", nothing_said(), None)
        folder.add_note("b.wav")
        status = folder.call(
            "run", program=PROGRAM, TEST_FAULT="kill:transcribe:before:^deadly", TIMBRE_BATCH_LIVES="2"
        ).status
        assert status == 3
        folder.require_settled()
        assert "2 processes died" in folder.objects.get("failed/deadly.wav.problem.json").decode()


class TestAMachineDies:
    """The same command, later, goes on where it stopped."""

    @pytest.mark.parametrize("point", SOME[-1:])
    def test_once(self, recorded: Recorded, marks: Path, point: str) -> None:
        self.raze(recorded, marks, POINTS[point], 1)

    @pytest.mark.heavy
    @pytest.mark.parametrize("point", POINTS)
    def test_at_every_step(self, recorded: Recorded, marks: Path, point: str) -> None:
        self.raze(recorded, marks, POINTS[point], 3)

    def raze(self, recorded: Recorded, marks: Path, point: str, count: int) -> None:
        fill(recorded, count + 1)
        for _ in range(count + 2):
            process = start(recorded, f"raze:{point}", marks, TIMBRE_BATCH_PROCESSES="1")
            process.communicate(timeout=300)
            if process.returncode == 0:
                break
            assert process.returncode == -signal.SIGKILL
        assert killed(marks) == count + 1
        assert recorded.call("run").status == 0
        assert not recorded.keys("input/")
        recorded.objects.delete_all("child_job_input/claims/")  # one may be left of whoever died after the last step
        recorded.require_settled()


class TestAChildDies:
    """Others of the same array take over."""

    def test_two_take_over_from_a_dead_one(self, recorded: Recorded, marks: Path) -> None:
        fill(recorded, 9)
        assert recorded.call("plan", "--children", "3").status == 0
        child = {
            "TIMBRE_BATCH_LEASE_SECONDS": "8",
            "TIMBRE_BATCH_PROCESSES": "1",
        }  # nobody is so slow that he is taken for dead
        dead = start(recorded, "raze:put:after:^output/.*json$", marks, AWS_BATCH_JOB_ARRAY_INDEX="0", **child)
        with ended_at_last(dead):
            assert dead.wait(120) == -signal.SIGKILL
        assert recorded.keys("child_job_input/claims/")
        others = [start(recorded, "", marks, AWS_BATCH_JOB_ARRAY_INDEX=index, **child) for index in ("1", "2")]
        with ended_at_last(*others):
            assert [other.wait(120) for other in others] == [0, 0]
        recorded.require_settled()
        assert set(transcribed(marks).values()) == {1}

    def test_nothing_is_done_twice_where_nobody_dies(self, recorded: Recorded, marks: Path) -> None:
        fill(recorded, 12)
        child = {"TIMBRE_BATCH_LEASE_SECONDS": "20"}
        children = [start(recorded, "", marks, JOB_COMPLETION_INDEX=index, **child) for index in ("0", "1")]
        with ended_at_last(*children):
            assert [each.wait(120) for each in children] == [0, 0]
        recorded.require_settled()
        assert transcribed(marks) == Counter(list(recorded.said))

    @pytest.mark.parametrize("point", ["transcribe:after", "put:before:^output/.*txt$"])
    def test_one_that_was_only_cut_off_does_no_harm(self, recorded: Recorded, marks: Path, point: str) -> None:
        recorded.add_note("a.wav")
        cut_off = start(recorded, f"stop:{point}", marks, TIMBRE_BATCH_PROCESSES="1")
        with ended_at_last(cut_off):
            assert any(killed(marks) for _ in patiently())
            assert recorded.call("run").status == 0
            recorded.require_settled()
            recorded.add_note("a.wav", 130.0)
            assert recorded.call("run").status == 0
            os.killpg(cut_off.pid, signal.SIGCONT)
            cut_off.communicate(timeout=120)
        recorded.require_settled()
