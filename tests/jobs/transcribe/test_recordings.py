"""What becomes of one recording, step by step."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jobs.transcribe.bucket import Bucket
from jobs.transcribe.claims import Claims, Held
from jobs.transcribe.outputs import Outputs
from jobs.transcribe.patience import Progress
from jobs.transcribe.recordings import Recordings
from jobs.transcribe.scribe import Scribe
from jobs.transcribe.transcript import Options
from services.stt.engines.fake import Fake
from shared.audio import AudioLimits
from shared.objects import ObjectStore, open_objects
from shared.problems import Conflict, Unavailable
from tests.jobs.transcribe.buckets import note

LIMITS = AudioLimits(max_bytes=200_000, max_seconds=3.0)


def recordings_of(objects: ObjectStore, tell: Callable[[Progress], None] = lambda _: None) -> Recordings:
    scribe = Scribe(objects, "fake/1", Fake(), Options(), LIMITS)
    return Recordings(Bucket(objects), Claims(objects, "one", 3600.0), scribe, Outputs(objects), 5, tell)


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return open_objects(str(tmp_path / "recordings"))


def float_wav(sample: float, samples: int, rate_hz: int) -> bytes:
    content = np.full(samples, sample, "<f4").tobytes()
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, rate_hz, 4 * rate_hz, 4, 32)
    data = struct.pack("<4sI", b"data", len(content)) + content
    return struct.pack("<4sI4s", b"RIFF", 4 + len(form) + len(data), b"WAVE") + form + data


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (float_wav(np.nan, 16_000, 16_000), "finite"),
        (float_wav(0.0, 2_000, 2_000), "The sample rate must be"),
        (float_wav(0.0, 32_000, 8_000), "at most 3 seconds"),
    ],
    ids=["nan", "2 kHz", "too long"],
)
def test_a_plain_wav_that_fails_says_why(objects: ObjectStore, content: bytes, why: str) -> None:
    objects.put("input/a.wav", content)
    outcome = recordings_of(objects).do("a.wav")
    assert outcome.state == "failed"
    assert why in outcome.why


def test_who_was_robbed_of_a_recording_does_not_fail_it(objects: ObjectStore) -> None:
    objects.put("input/a.wav", b"no sound")
    robbed = recordings_of(objects)

    class Robbed(Claims):
        @contextmanager
        def holding(self, key: str, over: str | None = None) -> Iterator[Held | None]:
            with super().holding(key, over) as held:
                assert held
                held.is_lost = True
                yield held

    claims = Robbed(objects, "one", 3600.0)
    assert replace(robbed, claims=claims).do("a.wav").state == "elsewhere"
    assert [info.key for info in objects.list("failed/")] == []
    assert objects.exists("input/a.wav")


def test_nothing_is_left_in_failed_of_what_is_done_at_last(objects: ObjectStore) -> None:
    etag = objects.put("input/a.wav", note(150.0))
    recordings = recordings_of(objects)
    objects.put("failed/a.wav", note(150.0))  # a copy, of which the move was cut short
    recordings.outputs.refuse(recordings.scribe.version("a.wav", etag), {"detail": "The engine failed."})
    assert recordings.do("a.wav").state == "written"
    assert [info.key for info in objects.list("failed/")] == []


def test_a_recording_is_moved_last(objects: ObjectStore) -> None:
    etag = objects.put("input/a.wav", note(150.0))
    recordings = recordings_of(objects)
    objects.put("failed/a.wav", note(150.0))
    recordings.outputs.refuse(recordings.scribe.version("a.wav", etag), {"detail": "The engine failed."})

    class Dies(Bucket):
        def move(self, key: str, source: str, target: str, etag: str) -> None:
            super().move(key, source, target, etag)
            raise SystemExit

    with pytest.raises(SystemExit):
        replace(recordings, bucket=Dies(objects)).do("a.wav")
    assert objects.exists("processed/a.wav")
    assert [info.key for info in objects.list("failed/")] == []


@pytest.mark.parametrize(("content", "state"), [(note(150.0), "written"), (b"no sound", "failed")])
def test_who_does_again_what_is_done_tells_what_became_of_it(objects: ObjectStore, content: bytes, state: str) -> None:
    etag = objects.put("input/a.wav", content)
    recordings = recordings_of(objects)
    told = recordings.do("a.wav")
    assert told.state == state
    assert recordings.do("a.wav", begun=etag) == told
    assert recordings.do("a.wav").state == "elsewhere"
    assert recordings.do("a.wav", begun="of one that somebody removed").state == "elsewhere"
    assert recordings.do("b.wav", begun=etag).state == "elsewhere"


@pytest.mark.parametrize(
    ("older", "newer", "state"), [(b"no sound", note(150.0), "written"), (note(150.0), b"no sound", "failed")]
)
def test_what_became_of_an_older_version_says_nothing_of_this_one(
    objects: ObjectStore, older: bytes, newer: bytes, state: str
) -> None:
    recordings = recordings_of(objects)
    objects.put("input/a.wav", older)
    recordings.do("a.wav")
    etag = objects.put("input/a.wav", newer)

    class LosesAnswers(Bucket):
        def move(self, key: str, source: str, target: str, etag: str, *, if_absent: bool = False) -> None:
            super().move(key, source, target, etag, if_absent=if_absent)
            raise Conflict("The object was written anew or removed meanwhile.")

    told = replace(recordings, bucket=LosesAnswers(objects)).do("a.wav")
    assert told.state == state
    assert recordings.do("a.wav", begun=etag) == told


def test_what_was_written_here_counts_as_written_also_when_it_is_moved_later(objects: ObjectStore) -> None:
    etag = objects.put("input/a.wav", note(150.0))
    recordings = recordings_of(objects)

    class CannotMove(Bucket):
        def move(self, key: str, source: str, target: str, etag: str, *, if_absent: bool = False) -> None:
            raise Unavailable("The object storage answers with an error.")

    for _ in range(2):
        with pytest.raises(Unavailable):
            replace(recordings, bucket=CannotMove(objects)).do("a.wav")
    told = recordings.do("a.wav", begun=etag)
    assert (told.state, told.sound_seconds) == ("written", 1.0)


def test_what_is_too_large_is_not_fetched(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    objects.put("input/a.wav", bytes(LIMITS.max_bytes + 1))
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    assert recordings_of(objects).do("a.wav").why == f"The audio file may have at most {LIMITS.max_bytes} bytes."


def test_a_machine_without_room_harms_no_recording(objects: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    objects.put("input/a.wav", note(150.0))
    monkeypatch.setattr("tempfile.tempdir", "/nonexistent")
    with pytest.raises(Unavailable):
        recordings_of(objects).do("a.wav")
    assert [info.key for info in objects.list()] == ["input/a.wav"]
