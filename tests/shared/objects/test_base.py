"""What both kinds of store promise alike."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import pytest

from shared.objects import ObjectStore
from shared.objects.base import CHUNK_BYTES, limited
from shared.problems import AlreadyExists, Conflict, NotFound, Problem, TooLarge


def test_what_is_put_can_be_got(objects: ObjectStore) -> None:
    etag = objects.put("a/b.bin", b"\0\1\2")
    info = objects.head("a/b.bin")
    assert objects.find("a/b.bin") == info
    assert objects.get("a/b.bin") == b"\0\1\2"
    assert (info.key, info.size_bytes, info.etag) == ("a/b.bin", 3, etag)
    assert abs(info.modified - datetime.now(UTC)) < timedelta(minutes=1)


def test_keys_may_hold_any_letters(objects: ObjectStore) -> None:
    keys = ["100%.txt", "Grüße/日本語.txt", "a b+c&d=e?f#g.txt"]
    for key in keys:
        objects.put(key, key.encode())
    assert [objects.get(key).decode() for key in keys] == keys
    assert [info.key for info in objects.list()] == keys


def test_a_file_is_put_and_downloaded_in_chunks(objects: ObjectStore, tmp_path: Path) -> None:
    contents = bytes(range(256)) * 10_000
    (tmp_path / "in").write_bytes(contents)
    objects.put("big", tmp_path / "in")
    with objects.open("big") as chunks:
        sizes = [len(chunk) for chunk in chunks]
    objects.download_to("big", tmp_path / "out")
    assert max(sizes) <= CHUNK_BYTES
    assert sum(sizes) == len(contents)
    assert (tmp_path / "out").read_bytes() == contents


@pytest.mark.parametrize("size_bytes", [10, 3 * CHUNK_BYTES], ids=["in memory", "on disk"])
def test_an_open_file_is_put_from_its_beginning_and_stays_open(objects: ObjectStore, size_bytes: int) -> None:
    contents = bytes(range(10)) * (size_bytes // 10)
    with SpooledTemporaryFile(max_size=CHUNK_BYTES) as stream:
        stream.write(contents)
        for key in ("first", "second"):
            objects.put(key, stream)
            assert objects.get(key) == contents


def test_an_empty_object_is_an_object(objects: ObjectStore) -> None:
    objects.put("empty", b"")
    assert objects.exists("empty")
    assert objects.get("empty") == b""


def test_what_is_absent_is_not_found(objects: ObjectStore, tmp_path: Path) -> None:
    objects.put("a/b", b"")
    for key in ("nothing", "a", "a/b/c", "a/c"):
        with pytest.raises(NotFound):
            objects.get(key)
        with pytest.raises(NotFound):
            objects.head(key)
        with pytest.raises(NotFound):
            objects.download_to(key, tmp_path / "out")
        assert objects.find(key) is None
        assert not objects.exists(key)
    assert not (tmp_path / "out").exists()


def test_absence_shows_on_opening_not_on_reading(objects: ObjectStore) -> None:
    with pytest.raises(NotFound), objects.open("nothing"):
        pytest.fail("opened")


def test_put_overwrites_and_the_etag_changes(objects: ObjectStore) -> None:
    first = objects.put("a", b"one")
    second = objects.put("a", b"two")
    assert first != second
    assert objects.get("a") == b"two"


def test_put_if_absent_keeps_what_is_there(objects: ObjectStore) -> None:
    objects.put("a", b"one", if_absent=True)
    with pytest.raises(AlreadyExists):
        objects.put("a", b"two", if_absent=True)
    assert objects.get("a") == b"one"


def test_of_many_writers_one_wins(objects: ObjectStore) -> None:
    one_of_many_wins(objects, AlreadyExists, if_absent=True)


def test_only_what_is_as_it_was_is_replaced(objects: ObjectStore) -> None:
    first = objects.put("a/b", b"one")
    second = objects.put("a/b", b"two", if_match=first)
    assert objects.head("a/b").etag == second
    for etag in (first, "another"):
        with pytest.raises(Conflict):
            objects.put("a/b", b"three", if_match=etag)
    with pytest.raises(Conflict):
        objects.put("a/nothing", b"three", if_match=second)
    assert [(info.key, objects.get(info.key)) for info in objects.list()] == [("a/b", b"two")]


def test_of_many_who_replace_the_same_one_wins(objects: ObjectStore) -> None:
    one_of_many_wins(objects, Conflict, if_match=objects.put("a", b"first"))


def one_of_many_wins(objects: ObjectStore, refusal: type[Problem], **condition: Any) -> None:
    """Put the same object from several threads at once; all but one are refused."""
    barrier = threading.Barrier(8)

    def write(number: int) -> bool:
        barrier.wait()
        try:
            objects.put("a", str(number).encode(), **condition)
        except refusal:
            return False
        return True

    with ThreadPoolExecutor(8) as writers:
        won = list(writers.map(write, range(8)))
    assert sum(won) == 1
    assert objects.get("a") == str(won.index(True)).encode()


def test_only_what_is_as_it_was_is_removed(objects: ObjectStore) -> None:
    first = objects.put("a/b", b"one")
    second = objects.put("a/b", b"two")
    with pytest.raises(Conflict):
        objects.delete("a/b", if_match=first)
    assert objects.exists("a/b")
    for _ in range(2):
        objects.delete("a/b", if_match=second)
    assert not objects.exists("a/b")


def test_what_is_moved_is_gone_from_where_it_was(objects: ObjectStore) -> None:
    etag = objects.put("a/Größe 100% & more+.txt", b"one")
    objects.put("c/d/Größe 100% & more+.txt", b"older")
    objects.move("a/Größe 100% & more+.txt", "c/d/Größe 100% & more+.txt", if_match=etag)
    found = [(info.key, objects.get(info.key)) for info in objects.list()]
    assert found == [("c/d/Größe 100% & more+.txt", b"one")]


def test_what_was_written_anew_is_not_moved(objects: ObjectStore) -> None:
    first = objects.put("a", b"one")
    objects.put("a", b"two")
    with pytest.raises(Conflict):
        objects.move("a", "b", if_match=first)
    assert objects.get("a") == b"two"
    with pytest.raises(NotFound):
        objects.move("nothing", "b", if_match=first)


def test_nothing_is_replaced_that_must_be_absent(objects: ObjectStore) -> None:
    etag = objects.put("a/b", b"one")
    objects.put("c/d", b"newer")
    with pytest.raises(AlreadyExists):
        objects.move("a/b", "c/d", if_match=etag, if_absent=True)
    assert [(info.key, objects.get(info.key)) for info in objects.list()] == [("a/b", b"one"), ("c/d", b"newer")]
    objects.delete("c/d")
    with pytest.raises(Conflict):
        objects.move("a/b", "c/d", if_match=f"{etag}0", if_absent=True)
    objects.move("a/b", "c/d", if_match=etag, if_absent=True)
    assert [(info.key, objects.get(info.key)) for info in objects.list()] == [("c/d", b"one")]
    with pytest.raises(NotFound):
        objects.move("a/b", "c/d", if_match=etag)


@pytest.mark.parametrize("size_bytes", [0, 5, 10, 3 * CHUNK_BYTES])
def test_the_beginning_can_be_read_alone(objects: ObjectStore, size_bytes: int) -> None:
    contents = bytes(range(256)) * (size_bytes // 256 + 1)
    objects.put("a", contents[:size_bytes])
    assert objects.start("a", 10) == contents[:size_bytes][:10]
    with pytest.raises(NotFound):
        objects.start("nothing", 10)


def test_delete_removes_and_may_be_repeated(objects: ObjectStore) -> None:
    objects.put("a/b", b"")
    for key in ("a/b", "a/b", "a", "never/was"):
        objects.delete(key)
    assert list(objects.list()) == []


def test_delete_all_removes_what_begins_so_and_no_more(objects: ObjectStore) -> None:
    for key in ("a/b/1", "a/b/c/2", "a/bc", "b"):
        objects.put(key, b"x")
    objects.delete_all("a/b/")
    objects.delete_all("none/")
    assert [info.key for info in objects.list()] == ["a/bc", "b"]


def test_list_is_ordered_by_key_and_filtered_by_prefix(objects: ObjectStore) -> None:
    keys = ["a.txt", "a/b", "a/b.x/c", "a/b/c", "a0", "b/a", "ba"]
    for key in keys:
        if key != "a/b":  # a folder store cannot hold "a/b" beside "a/b/c"
            objects.put(key, b"")
    stored = [key for key in keys if key != "a/b"]
    for prefix in ("", "a", "a/", "a/b", "a/b/", "a/b.x", "b", "ba", "c", "a/b/c", "a/b/c/"):
        assert [info.key for info in objects.list(prefix)] == [key for key in stored if key.startswith(prefix)]


def test_reading_stops_at_the_limit(objects: ObjectStore, tmp_path: Path) -> None:
    objects.put("a", b"12345")
    assert objects.get("a", limit_bytes=5) == b"12345"
    with pytest.raises(TooLarge):
        objects.get("a", limit_bytes=4)
    with pytest.raises(TooLarge):
        objects.download_to("a", tmp_path / "out", limit_bytes=4)
    assert list(tmp_path.glob("*out*")) == []


def test_the_limit_holds_before_the_rest_is_read() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    with pytest.raises(TooLarge):
        b"".join(limited(endless(), 5000))
