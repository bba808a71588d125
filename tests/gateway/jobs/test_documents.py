"""Texts in files: lines as Comprehend counts them, parts of bounded size, and what is no text."""

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.jobs.documents import MOST_BYTES, Document, lines_of, parts_of, read
from gateway.places import found_at
from gateway.settings import GatewaySettings
from shared.objects.base import CHUNK_BYTES


def found(folder: Path, beginning: str = ""):
    settings = GatewaySettings(media_locations=str(folder))
    return found_at(f"{folder}/{beginning}", settings, "media_locations")


@given(
    st.lists(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"\r\n", b"\xe2\x80\xa8", b"", b"longer"])).map(b"".join))
)
def test_lines_do_not_depend_on_how_a_file_is_cut(chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    assert list(lines_of(chunks, 100)) == whole.splitlines()
    assert list(lines_of(chunks, 2)) == [line[:3] for line in whole.splitlines()]


def test_a_line_without_end_takes_no_memory() -> None:
    chunks = (b"a" * 1_000 for _ in range(10_000))
    assert list(lines_of(chunks, 5)) == [b"aaaaaa"]


def test_a_file_for_each_text(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    contents = {"a/1.txt": "Good.", "a/2": "\ufeffGood.", "b.txt": " ", "c.txt": "é" * 2_500, "d.txt": "é" * 2_501}
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    (tmp_path / "e.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "f.txt").symlink_to("/etc/passwd")
    place = found(tmp_path)
    (part,) = parts_of(place, "file")
    assert all(one.text is None for one in part)
    (tmp_path / "c.txt").rename(tmp_path / "gone")
    texts = {one.file: one.text or one.fault for one in (read(place, each) for each in part)}
    assert texts == {
        "a/1.txt": "Good.",
        "a/2": "Good.",
        "b.txt": "InvalidRequestException",
        "c.txt": "InternalServerException",
        "d.txt": "TextSizeLimitExceededException",
        "e.txt": "InvalidRequestException",
        "f.txt": "InternalServerException",
    }


def test_a_line_for_each_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffOne.\r\n\nThree.\rFour".encode() + b"\n" + b"x" * 5_001 + b"\nSix.")
    (tmp_path / "empty.txt").write_bytes(b"")
    (part,) = parts_of(found(tmp_path), "line")
    assert [(one.file, one.line) for one in part] == [("a.txt", number) for number in range(6)]
    assert [one.text for one in part] == ["One.", None, "Three.", "Four", None, "Six."]
    assert [part[1].fault, part[4].fault] == ["InvalidRequestException", "TextSizeLimitExceededException"]
    assert [read(found(tmp_path), one) for one in part] == part


def test_parts_are_bounded_in_texts_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("a\n" * 1_001)
    assert [len(part) for part in parts_of(found(tmp_path), "line")] == [250, 250, 250, 250, 1]
    (tmp_path / "short").write_text(f"{'a' * MOST_BYTES}\n" * 45)
    assert [len(part) for part in parts_of(found(tmp_path), "line")] == [20, 20, 5]


@pytest.mark.parametrize(
    ("beginning", "names"),
    [
        ("", ["in-other/c", "in/a", "in/b/c", "into"]),
        ("in", ["in-other/c", "in/a", "in/b/c", "into"]),
        ("in/", ["a", "b/c"]),
        ("in/b", ["b/c"]),
        ("in/a", ["a"]),
        ("away", []),
    ],
)
def test_files_are_those_whose_names_begin_so(tmp_path: Path, beginning: str, names: list[str]) -> None:
    for name in ("in/a", "in/b/c", "in-other/c", "into", "other"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("Text.")
    settings = GatewaySettings(media_locations=f"{tmp_path}/in,{tmp_path}/in-other,{tmp_path}/into,{tmp_path}/away")
    if not beginning:
        settings = GatewaySettings(media_locations=str(tmp_path))
        names = sorted([*names, "other"])
    assert sorted(name for name, _ in found_at(f"{tmp_path}/{beginning}", settings, "media_locations").files()) == names


def test_what_is_beside_an_allowed_place_is_not_found(tmp_path: Path) -> None:
    for name in ("in/a", "in-secret/b"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("Text.")
    settings = GatewaySettings(media_locations=f"{tmp_path}/in")
    assert [name for name, _ in found_at(f"{tmp_path}/in", settings, "media_locations").files()] == ["in/a"]


def test_a_name_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    Path(f"{tmp_path}/a\udcff\n").write_text("Text.")
    assert [*parts_of(found(tmp_path), "line")] == [[Document("a\\udcff\n", fault="InternalServerException")]]


def test_a_large_file_takes_no_more_memory_than_a_part(tmp_path: Path) -> None:
    line = b"This is a sentence of some length, as many are. " * 40 + b"\n"
    (tmp_path / "large").write_bytes(line * 16_000)
    assert (tmp_path / "large").stat().st_size > 25 * CHUNK_BYTES
    tracemalloc.start()
    try:
        count = sum(len(part) for part in parts_of(found(tmp_path), "line"))
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == 16_000
    assert peak_bytes < 6 * CHUNK_BYTES
