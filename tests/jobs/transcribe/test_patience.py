"""An engine that hangs holds up neither the other recordings nor the end."""

from pathlib import Path

import pytest

from jobs.transcribe.patience import AwakeClock, Late, Patience, Progress, Stopwatch
from shared.objects import ObjectStore, open_objects
from tests.jobs.transcribe.buckets import Recorded, note
from tests.jobs.transcribe.test_recordings import recordings_of
from tests.started import ROOT

PROGRAM = str(ROOT / "tests" / "jobs" / "transcribe" / "hanging.py")
PATIENCE = Patience(10.0, 2.0)


class TestStopwatch:
    def test_what_has_not_begun_or_has_ended_is_never_late(self) -> None:
        watch = Stopwatch(PATIENCE)
        assert watch.late(1e9) is None
        watch.hear(Progress("one", 0.0), 0.0)
        watch.hear(Progress("one", None), 5.0)
        assert watch.late(1e9) is None

    def test_the_more_sound_the_more_time(self) -> None:
        watch = Stopwatch(PATIENCE)
        watch.hear(Progress("one", 0.0), 100.0)
        assert watch.late(110.0) is None
        assert watch.late(110.1) == Late("one", PATIENCE.why)
        watch.hear(Progress("one", 30.0), 105.0)
        assert watch.late(170.0) is None
        assert watch.late(170.1) == Late("one", PATIENCE.why)

    def test_the_next_one_begins_anew(self) -> None:
        watch = Stopwatch(PATIENCE)
        for began, etag in ((0.0, "one"), (100.0, "two")):
            watch.hear(Progress(etag, 0.0), began)
            assert watch.late(began + 10.0) is None
            assert watch.late(began + 10.1) == Late(etag, PATIENCE.why)
            watch.hear(Progress(etag, None), began + 11.0)


def test_time_in_which_all_is_stopped_does_not_count() -> None:
    now = 50.0
    clock = AwakeClock(5.0, lambda: now)
    assert clock.read() == 0.0
    now = 53.0
    assert clock.read() == 3.0
    now = 10_000.0
    assert clock.read() == 8.0


class TestLateRecording:
    @pytest.fixture
    def objects(self, tmp_path: Path) -> ObjectStore:
        return open_objects(str(tmp_path / "recordings"))

    def test_it_fails_in_words_that_name_the_limit(self, objects: ObjectStore) -> None:
        late = Late(objects.put("input/a.wav", note(150.0)), PATIENCE.why)
        outcome = recordings_of(objects).do("a.wav", late=late)
        assert (outcome.state, "10 seconds, and 2 more" in outcome.why) == ("failed", True)

    def test_another_version_does_not(self, objects: ObjectStore) -> None:
        late = Late(objects.put("input/a.wav", b"older"), PATIENCE.why)
        objects.put("input/a.wav", note(150.0))
        assert recordings_of(objects).do("a.wav", late=late).state == "written"

    def test_what_is_written_down_already_does_not(self, objects: ObjectStore) -> None:
        etag = objects.put("input/a.wav", note(150.0))
        assert recordings_of(objects).do("a.wav").state == "written"
        objects.move("processed/a.wav", "input/a.wav", if_match=etag)
        assert recordings_of(objects).do("a.wav", late=Late(etag, PATIENCE.why)).state == "unchanged"


def test_progress_is_told_until_the_end(tmp_path: Path) -> None:
    objects, told = open_objects(str(tmp_path)), []
    etag = objects.put("input/a.wav", note(150.0))
    recordings = recordings_of(objects, told.append)
    assert recordings.do("a.wav").state == "written"
    assert {each.etag for each in told} == {etag}
    assert [told[0].heard_seconds, told[-2].heard_seconds, told[-1].heard_seconds] == [0.0, 1.0, None]


def test_a_hanging_engine_is_killed_and_its_recordings_fail(recorded: Recorded) -> None:
    for key in ("a.wav", "b.wav"):
        recorded.add(key, note(150.0), None)
    settings = {"TIMBRE_BATCH_WORK_SECONDS": "0.5", "TIMBRE_BATCH_WORK_SECONDS_PER_SECOND": "0"}
    ended = recorded.call("run", program=PROGRAM, TIMBRE_BATCH_PROCESSES="1", **settings)
    assert ended.status == 3, ended.err
    assert "at most 0.5 seconds, and 0 more for each second of its sound." in " ".join(
        ended.out.replace("│", " ").split()
    )
    recorded.require_settled()
    assert recorded.call("retry").status == 0
    for key in ("a.wav", "b.wav"):
        recorded.add_note(key)
    assert recorded.call("run").status == 0
    recorded.require_settled()
