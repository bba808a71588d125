"""What only a folder can do wrong: links, pipes, full disks."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.request import urlopen

import pytest

from shared.objects.atomic import opened_folder
from shared.objects.base import LeftOut
from shared.objects.folder import FolderObjects
from shared.objects.keys import PARTIAL_PREFIX
from shared.problems import AlreadyExists, InvalidInput, NotFound


@pytest.fixture
def objects(root: Path) -> FolderObjects:
    root.mkdir()
    return FolderObjects(root)


@pytest.fixture
def canary(root: Path) -> Path:
    outside = root.parent / "outside"
    outside.mkdir(parents=True)
    (outside / "canary.txt").write_text("canary")
    return outside / "canary.txt"


def test_links_are_not_followed(objects: FolderObjects, root: Path, canary: Path) -> None:
    (root / "file-link").symlink_to(canary)
    (root / "folder-link").symlink_to(canary.parent)
    for key in ("file-link", "folder-link", "folder-link/canary.txt"):
        with pytest.raises(NotFound):
            objects.get(key)
        with pytest.raises(NotFound):
            objects.head(key)
    for key in ("folder-link/new", "folder-link/canary.txt", "folder-link/new/new"):
        with pytest.raises(InvalidInput):
            objects.put(key, b"")
    assert list(objects.list()) == []
    for key in ("folder-link/canary.txt", "folder-link", "file-link"):
        objects.delete(key)
    assert os.listdir(canary.parent) == ["canary.txt"]
    assert canary.read_text() == "canary"


@pytest.mark.parametrize("if_absent", [False, True])
def test_nothing_is_moved_where_a_folder_has_the_name(objects: FolderObjects, if_absent: bool) -> None:
    etag = objects.put("a", b"one")
    objects.put("b/c", b"two")
    with pytest.raises(InvalidInput):
        objects.move("a", "b", if_match=etag, if_absent=if_absent)
    assert [info.key for info in objects.list()] == ["a", "b/c"]


@pytest.mark.parametrize("if_absent", [False, True])
def test_a_move_that_was_cut_short_is_ended(objects: FolderObjects, root: Path, if_absent: bool) -> None:
    etag = objects.put("a", b"one")
    os.link(root / "a", root / "b")
    objects.move("a", "b", if_match=etag, if_absent=if_absent)
    assert [(info.key, objects.get(info.key)) for info in objects.list()] == [("b", b"one")]


def test_an_object_has_the_files_address(objects: FolderObjects) -> None:
    objects.put("Grüße/a b+c&d=e?f#g%20.txt", b"yes")
    with urlopen(objects.address("Grüße/a b+c&d=e?f#g%20.txt"), timeout=30) as answer:
        assert answer.read() == b"yes"


def test_only_one_of_many_gets_a_free_name(objects: FolderObjects) -> None:
    etags = {f"a/{number}": objects.put(f"a/{number}", str(number).encode()) for number in range(8)}

    def move(key: str) -> bool:
        try:
            objects.move(key, "b/c", if_match=etags[key], if_absent=True)
        except AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as movers:
        won = dict(zip(etags, movers.map(move, etags), strict=True))
    (winner,) = (key for key in won if won[key])
    assert objects.get("b/c").decode() == winner.removeprefix("a/")
    assert [info.key for info in objects.list("a/")] == [key for key in etags if key != winner]


def test_put_replaces_a_link_and_leaves_its_target(objects: FolderObjects, root: Path, canary: Path) -> None:
    (root / "link").symlink_to(canary)
    objects.put("link", b"new")
    assert (canary.read_text(), objects.get("link")) == ("canary", b"new")


def test_put_if_absent_sees_a_link_as_taken(objects: FolderObjects, root: Path, canary: Path) -> None:
    (root / "link").symlink_to(root / "dangling")
    with pytest.raises(AlreadyExists):
        objects.put("link", b"new", if_absent=True)


def test_pipes_do_not_hold_the_reader(objects: FolderObjects, root: Path) -> None:
    os.mkfifo(root / "pipe")
    with pytest.raises(NotFound):
        objects.get("pipe")
    assert list(objects.list()) == []


def test_an_object_cannot_lie_below_another(objects: FolderObjects) -> None:
    objects.put("a", b"")
    with pytest.raises(InvalidInput):
        objects.put("a/b", b"")
    objects.put("c/d", b"")
    with pytest.raises(InvalidInput):
        objects.put("c", b"")


def test_an_interrupted_write_is_never_seen(objects: FolderObjects, root: Path, tmp_path: Path) -> None:
    objects.put("a", b"old")
    with pytest.raises(IsADirectoryError):
        objects.put("a", tmp_path)
    (root / ".timbre-partial-dead").write_bytes(b"half")
    assert objects.get("a") == b"old"
    assert [info.key for info in objects.list()] == ["a"]
    assert [path.name for path in root.iterdir()] == ["a"]


def test_names_that_are_no_keys_are_not_listed(objects: FolderObjects, root: Path) -> None:
    objects.put("good", b"")
    for name in (b"bad\xff", b"bad\nname", b"bad\\name", b"%2e%2e"):
        Path(os.fsdecode(os.path.join(os.fsencode(root), name))).touch()
    left_out: list[LeftOut] = []
    assert [info.key for info in objects.list("", left_out.append)] == ["good"]
    assert sorted(each.name for each in left_out) == ["%2e%2e", "bad\nname", "bad\\name", "bad\udcff"]


def test_what_is_no_file_is_left_out_and_told(objects: FolderObjects, root: Path, canary: Path) -> None:
    objects.put("a/good", b"")
    (root / "a" / "link").symlink_to(canary)
    os.mkfifo(root / "a" / "pipe")
    (root / "a" / f"{PARTIAL_PREFIX}0").touch()
    left_out: list[LeftOut] = []
    assert [info.key for info in objects.list("a/", left_out.append)] == ["a/good"]
    assert {each.name: each.why for each in left_out} == dict.fromkeys(
        ("a/link", "a/pipe"), "It is no file; links are not followed."
    )


def test_folders_deeper_than_any_key_are_told_once(objects: FolderObjects, root: Path) -> None:
    objects.put("z", b"")
    deep = "d/" * 600
    with opened_folder(root, deep.split("/")[:-1], create=True):
        pass
    left_out: list[LeftOut] = []
    assert [info.key for info in objects.list("", left_out.append)] == ["z"]
    (each,) = left_out
    assert (each.name, each.why) == (deep[:1025], "A key has at most 1024 bytes.")


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path) -> None:
    objects = FolderObjects(tmp_path / "none")
    assert list(objects.list()) == []
    with pytest.raises(NotFound):
        objects.get("a")


_FULL_DISK = """
import resource, sys
from pathlib import Path
from shared.objects.folder import FolderObjects
from shared.problems import StorageFull

objects = FolderObjects(Path(sys.argv[1]))
objects.put("kept", b"old")
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
for key, data in {"new": b"x" * 200_000, "kept": b"x" * 5_000_000}.items():
    try:
        objects.put(key, data)
    except StorageFull as problem:
        assert problem.status == 507
    else:
        sys.exit("no problem")
objects.put("small", b"fits")
"""


def test_a_full_disk_leaves_nothing_half_written(root: Path) -> None:
    subprocess.run([sys.executable, "-c", _FULL_DISK, str(root)], check=True)
    assert sorted(os.listdir(root)) == ["kept", "small"]
    assert FolderObjects(root).get("kept") == b"old"


def test_a_folder_goes_with_the_last_object_in_it(objects: FolderObjects, root: Path) -> None:
    for key in ("a/b/c/one", "a/b/two", "three"):
        objects.put(key, b"1")
    objects.delete("a/b/c/one")
    assert sorted(path.name for path in root.rglob("*")) == ["a", "b", "three", "two"]
    objects.delete("a/b/two")
    objects.delete("three")
    assert root.is_dir()
    assert not list(root.iterdir())


def test_objects_that_come_and_go_in_one_folder_hinder_no_other(objects: FolderObjects) -> None:
    def come_and_go(number: int) -> None:
        for _ in range(300):
            objects.put(f"a/b/{number}", b"1")
            assert objects.get(f"a/b/{number}") == b"1"
            objects.delete(f"a/b/{number}")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(come_and_go, range(3)))


def test_a_folder_in_the_way_is_no_object_of_that_name(root: Path) -> None:
    objects = FolderObjects(root)
    objects.put("a/b", b"")
    with pytest.raises(InvalidInput):
        objects.put("a", b"", if_absent=True)
