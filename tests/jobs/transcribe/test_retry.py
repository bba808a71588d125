"""What failed comes back, but never over what is newer."""

from collections.abc import Callable

import pytest

from jobs.transcribe.bucket import Bucket
from jobs.transcribe.outputs import Outputs
from jobs.transcribe.retry import retry
from jobs.transcribe.transcript import Options, Transcript, Version
from shared.objects import ObjectStore
from tests.jobs.transcribe.buckets import Recorded
from tests.started import patiently

KEY = "a/b.wav"


def version(etag: str) -> Version:
    return Version(key=KEY, etag=etag, model="fake/1", options=Options())


def fail(objects: ObjectStore, content: bytes) -> None:
    etag = objects.put(f"input/{KEY}", content)
    Outputs(objects).refuse(version(etag), {"detail": "why"})
    Bucket(objects).move(KEY, "input/", "failed/", etag)


def write_down(objects: ObjectStore, content: bytes) -> None:
    etag = objects.put(f"input/{KEY}", content)
    outputs = Outputs(objects)
    transcript = Transcript(**dict(version(etag)), language=None, duration_seconds=1.0, text="", segments=[])
    outputs.write(transcript, outputs.find(KEY))
    Bucket(objects).move(KEY, "input/", "processed/", etag)
    outputs.forgive(version(etag))


def later(objects: ObjectStore) -> None:
    """Wait until the storage's clock, which may count seconds, has gone on."""
    objects.put("clock", b"")
    first = objects.head("clock").modified
    for _ in patiently():
        objects.put("clock", b"")
        if objects.head("clock").modified > first:
            return objects.delete("clock")
    raise AssertionError("the clock stands still")


def test_an_older_version_does_not_come_back_when_a_newer_one_is_done(recorded: Recorded) -> None:
    objects = recorded.objects
    fail(objects, b"older")
    write_down(objects, b"newer")
    assert retry(Bucket(objects)) == (0, [(KEY, "A later one of that name has been written down.")])
    assert objects.get(f"failed/{KEY}") == b"older"
    assert objects.get(f"processed/{KEY}") == b"newer"
    assert recorded.keys("input/") == []


def test_a_newer_version_that_failed_comes_back(recorded: Recorded) -> None:
    objects = recorded.objects
    write_down(objects, b"older")
    later(objects)
    fail(objects, b"newer")
    assert retry(Bucket(objects)) == (1, [])
    assert objects.get(f"input/{KEY}") == b"newer"
    assert recorded.keys("failed/") == []


@pytest.mark.parametrize("race", ["upload", "failure"])
def test_what_others_do_at_the_last_moment_stays(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, race: str
) -> None:
    objects = recorded.objects
    fail(objects, b"older")
    deeds: dict[str, Callable[[], object]] = {
        "upload": lambda: objects.put(f"input/{KEY}", b"newer"),
        "failure": lambda: objects.put(f"failed/{KEY}.problem.json", b"another"),
    }
    move = type(objects).move

    def disturbed(store: ObjectStore, *arguments: str, **conditions: object) -> None:
        deeds[race]()
        move(store, *arguments, **conditions)  # type: ignore[arg-type]

    monkeypatch.setattr(type(objects), "move", disturbed)
    moved, kept = retry(Bucket(objects))
    if race == "upload":
        assert (moved, kept) == (0, [(KEY, "Another of that name waits in input/.")])
        assert objects.get(f"input/{KEY}") == b"newer"
        assert recorded.keys("failed/") == [KEY, f"{KEY}.problem.json"]
    else:
        assert (moved, kept) == (1, [])
        assert objects.get(f"failed/{KEY}.problem.json") == b"another"
