"""Keys: what is taken, what is refused."""

from contextlib import suppress
from pathlib import Path

import pytest

from shared.objects import ObjectStore
from shared.objects.keys import check_key, check_prefix, is_key
from shared.problems import InvalidInput
from tests.shared.objects.hostile import HOSTILE_KEYS

GOOD_KEYS = [
    "a",
    "a/b/c.wav",
    "a.b/..c/d..",
    ".hidden",
    "100%.wav",
    "50%/off%zz",
    "my file (1).wav",
    "Grüße/日本語.txt",
    "نیم\u200cفاصله.wav",
    "~/a",
    "a:b",
    "x" * 255,
    "/".join(["x" * 127] * 8),
]


@pytest.mark.parametrize("key", GOOD_KEYS)
def test_good_keys_are_taken_as_they_are(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("key", HOSTILE_KEYS, ids=lambda key: ascii(key)[:40])
def test_hostile_keys_are_refused(key: str) -> None:
    assert not is_key(key)
    with pytest.raises(InvalidInput):
        check_key(key)


def test_prefixes_are_keys_that_may_be_empty_or_end_in_a_slash() -> None:
    assert [check_prefix(prefix) for prefix in ("", "a", "a/", "a/b")] == ["", "a", "a/", "a/b"]
    for prefix in ("/", "../", "a//", "a/../"):
        with pytest.raises(InvalidInput):
            check_prefix(prefix)


@pytest.mark.parametrize("objects", ["folder", "s3"], indirect=True)
def test_no_operation_takes_a_hostile_key_or_touches_the_canary(objects: ObjectStore, root: Path) -> None:
    canary = root.parent / "canary.txt"
    canary.write_text("canary")
    objects.put("a/b/c/good.txt", b"good")
    before = sorted(root.parent.rglob("*"))
    for key in HOSTILE_KEYS:
        _expect_refusals(objects, key, root.parent / "download")
    assert canary.read_text() == "canary"
    assert sorted(root.parent.rglob("*")) == before
    assert [info.key for info in objects.list()] == ["a/b/c/good.txt"]


def _expect_refusals(objects: ObjectStore, key: str, target: Path) -> None:
    with pytest.raises(InvalidInput):
        objects.get(key)
    with pytest.raises(InvalidInput):
        objects.download_to(key, target)
    with pytest.raises(InvalidInput):
        objects.put(key, b"overwritten")
    with pytest.raises(InvalidInput):
        objects.exists(key)
    with pytest.raises(InvalidInput):
        objects.delete(key)
    with suppress(InvalidInput):  # "a/" is a good prefix, though no key
        assert {info.key for info in objects.list(key)} <= {"a/b/c/good.txt"}
