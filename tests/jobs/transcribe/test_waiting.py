"""Names in input/ that no key may have: whatever a stranger put there gets a reason, and harms nothing."""

import json
from pathlib import Path

import pytest

from jobs.transcribe.bucket import REASON, REFUSED, Bucket
from jobs.transcribe.waiting import waiting_in, with_reasons
from shared.objects.s3 import connect
from tests.jobs.transcribe.buckets import Recorded
from tests.shared.objects.s3_server import empty, fill

NAMES = ["a\nb.wav", "back\\slash.wav", "%2e%2e.wav/%2e%2e", "\x1b]0;title\x07.wav", "ü" * 120 + ".wav"]
"""The last one leaves no room for the name of a reason."""


def put(recorded: Recorded, name: str) -> None:
    """Put what no call of ours would."""
    if not recorded.location.startswith("s3://"):
        path = Path(recorded.location) / "input" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        return
    bucket, _, prefix = recorded.location.removeprefix("s3://").partition("/")
    fill(bucket, [f"{prefix}/input/{name}"])


def reasons(recorded: Recorded) -> dict[str, str]:
    found = (json.loads(recorded.objects.get(REFUSED + key)) for key in recorded.keys(REFUSED))
    return {reason["name"]: reason["problem"]["detail"] for reason in found}


@pytest.fixture
def named(recorded: Recorded) -> Recorded:
    """A place with a recording, and with names that no recording may have."""
    recorded.add_note("good.wav")
    for name in NAMES:
        put(recorded, name)
    return recorded


def test_each_name_has_one_reason_for_as_long_as_it_is_there(named: Recorded) -> None:
    bucket = Bucket(named.objects)
    for _ in range(2):
        waiting = with_reasons(bucket)
        assert [info.key for info in waiting.recordings] == ["good.wav"]
        assert sorted(each.name for each in waiting.refused) == sorted(NAMES)
    told = reasons(named)
    assert set(told) == {"a\\nb.wav", "\\x1b]0;title\\x07.wav", *NAMES} - {"a\nb.wav", "\x1b]0;title\x07.wav"}
    assert all("key" in why for why in told.values())
    assert all(key.endswith(REASON) and key.isascii() for key in named.keys(REFUSED))
    remove_names(named)
    assert with_reasons(bucket).refused == []
    assert reasons(named) == {}


def remove_names(recorded: Recorded) -> None:
    if not recorded.location.startswith("s3://"):
        for path in sorted((Path(recorded.location) / "input").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        return
    bucket, _, prefix = recorded.location.removeprefix("s3://").partition("/")
    empty(bucket, (f"{prefix}/input/{name}" for name in NAMES))


def test_commands_tell_them(named: Recorded) -> None:
    dry = named.call("plan", "--dry-run")
    assert (dry.status, named.keys(REFUSED)) == (3, [])
    status = named.call("status")
    assert (status.status, named.keys(REFUSED)) == (3, [])
    assert status.counts[:2] == [1, 5]
    planned = named.call("plan")
    assert (planned.status, len(named.keys(REFUSED))) == (3, 5)
    ended = named.call("run")
    assert (ended.status, ended.counts[:5]) == (3, [1, 0, 0, 0, 5])
    assert named.keys("processed/") == ["good.wav"]
    for out in (dry.out, status.out, planned.out, ended.out):
        assert "\\x1b]0;title\\x07.wav" in out
        assert "\x1b" not in out
        assert "no backslashes" in " ".join(out.replace("│", " ").split())


def test_a_run_that_finds_nothing_else_tells_them(recorded: Recorded) -> None:
    put(recorded, "a\nb.wav")
    assert Bucket(recorded.objects).has_inputs()
    ended = recorded.call("run")
    assert (ended.status, ended.counts[:5], len(reasons(recorded))) == (3, [0, 0, 0, 0, 1], 1)


def test_a_folder_that_is_named_for_the_console_is_nothing(s3: Recorded) -> None:
    bucket, _, prefix = s3.location.removeprefix("s3://").partition("/")
    for folder in ("input/", "input/sub/"):
        connect().put_object(Bucket=bucket, Key=f"{prefix}/{folder}")
    waiting = waiting_in(Bucket(s3.objects))
    assert (waiting.recordings, waiting.refused) == ([], [])


def test_a_link_is_told_too(folder: Recorded) -> None:
    (Path(folder.location) / "input").mkdir()
    (Path(folder.location) / "input" / "link.wav").symlink_to("/etc/passwd")
    (refused,) = with_reasons(Bucket(folder.objects)).refused
    assert (refused.name, refused.why) == ("link.wav", "It is no file; links are not followed.")
    assert list(reasons(folder)) == ["link.wav"]


@pytest.mark.parametrize("place", ["_refused_names/", "refused/"])
def test_a_recording_that_fails_stays_whatever_its_folder_is_called(folder: Recorded, place: str) -> None:
    folder.add(f"{place}x.wav", b"", None)
    put(folder, NAMES[0])
    assert folder.call("run").status == 3
    with_reasons(Bucket(folder.objects))
    assert folder.objects.get(f"failed/{place}x.wav") == b""
    assert folder.objects.exists(f"failed/{place}x.wav{REASON}")


def test_only_reasons_of_ours_are_removed(folder: Recorded) -> None:
    folder.objects.put(f"{REFUSED}notes.txt", b"of somebody else")
    with_reasons(Bucket(folder.objects))
    assert folder.keys(REFUSED) == ["notes.txt"]


def test_the_prefix_counts_too(s3: Recorded) -> None:
    prefix = s3.location.removeprefix("s3://").partition("/")[2]
    longest = 1024 - len(f"{prefix}/failed/{REASON}")
    parts = "/".join(["a" * 99] * 10)
    good, bad = parts[:longest], parts[: longest + 1]
    s3.add(good, b"", None)
    s3.objects.put(f"input/{bad}", b"")
    waiting = waiting_in(Bucket(s3.objects))
    assert ([info.key for info in waiting.recordings], [each.name for each in waiting.refused]) == ([good], [bad])
    ended = s3.call("run")
    assert (ended.status, ended.counts[:5], s3.keys("input/")) == (3, [0, 0, 1, 0, 1], [bad])
    assert s3.objects.exists(f"failed/{good}{REASON}")
