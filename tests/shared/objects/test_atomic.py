"""Files that appear whole or not at all, also on file systems that know no files without a name."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.objects import atomic
from shared.objects.atomic import atomic_write, opened_folder, remove_abandoned
from shared.problems import AlreadyExists


@pytest.fixture(params=["nameless", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "named":  # the kernel answers as it does where a file system cannot
        monkeypatch.setattr(atomic, "_NAMELESS_FILE_FLAGS", os.O_WRONLY | os.O_CLOEXEC)
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path, way: str) -> Iterator[int]:
    with opened_folder(tmp_path) as folder:
        yield folder


def test_a_file_appears_when_it_is_whole(folder: int, tmp_path: Path, way: str) -> None:
    with atomic_write(folder, "a") as stream:
        stream.write(b"half")
        stream.flush()
        assert len(list(tmp_path.iterdir())) == (1 if way == "named" else 0)
        assert not (tmp_path / "a").exists()
        stream.write(b" and half")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"half and half"}


def test_one_that_is_there_is_replaced_at_once(folder: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with atomic_write(folder, "a") as stream:
        stream.write(b"new")
        stream.flush()
        assert (tmp_path / "a").read_bytes() == b"old"
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new"}


def test_or_kept_where_that_is_wanted(folder: int, tmp_path: Path) -> None:
    with atomic_write(folder, "a", if_absent=True) as stream:
        stream.write(b"first")
    with pytest.raises(AlreadyExists), atomic_write(folder, "a", if_absent=True) as stream:
        stream.write(b"second")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"first"}


def test_what_a_killed_writer_left_is_removed_by_the_next_one(folder: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / ".timbre-partial-dead").write_bytes(b"half")
    with atomic_write(folder, "a") as stream:
        stream.write(b"new")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"new"}


def test_what_a_living_writer_needs_is_left_alone(folder: int, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with atomic_write(folder, "a") as stream:
        stream.write(b"late")
        with atomic_write(folder, "a") as other:
            other.write(b"early")
        remove_abandoned(folder)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a": b"late"}


def test_an_error_leaves_nothing(folder: int, tmp_path: Path) -> None:
    with pytest.raises(TypeError), atomic_write(folder, "a") as stream:
        stream.writelines([b"half", "no bytes"])  # type: ignore[list-item]
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_replaced_and_not_followed(folder: int, tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"kept")
    (tmp_path / "a").symlink_to(tmp_path / "target")
    with atomic_write(folder, "a") as stream:
        stream.write(b"new")
    assert not (tmp_path / "a").is_symlink()
    assert (tmp_path / "target").read_bytes() == b"kept"


def test_rights_are_what_the_process_gives(folder: int, tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with atomic_write(folder, "a") as stream:
            stream.write(b"x")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640
