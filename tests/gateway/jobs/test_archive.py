"""Objects in one .tar.gz."""

import tarfile
import tracemalloc
from pathlib import Path

import pytest

from gateway.jobs.archive import archived
from shared.objects import open_objects
from shared.objects.base import CHUNK_BYTES
from shared.problems import NotFound


def test_objects_follow_each_other(tmp_path: Path) -> None:
    objects = open_objects(str(tmp_path))
    contents = {"parts/0": b"one\n" * 100_000, "parts/1": b"", "parts/2": b"three\n" * 500_000}
    for key, content in contents.items():
        objects.put(key, content)
    packed = []
    for _ in range(2):
        with archived(objects, list(contents), "output") as path:
            packed.append(path.read_bytes())
            with tarfile.open(path) as archive:
                (member,) = archive.getmembers()
                assert (member.name, member.isfile()) == ("output", True)
                file = archive.extractfile(member)
                assert file
                assert file.read() == b"".join(contents.values())
    assert packed[0] == packed[1]
    assert not path.exists()


def test_an_object_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(NotFound), archived(open_objects(str(tmp_path)), ["parts/0"], "output"):
        raise AssertionError


def test_a_large_archive_takes_no_more_memory_than_a_few_chunks(tmp_path: Path) -> None:
    objects = open_objects(str(tmp_path))
    keys = [f"parts/{number}" for number in range(8)]
    for key in keys:
        objects.put(key, b'{"File": "a", "Line": 1}\n' * 200_000)
    tracemalloc.start()
    try:
        with archived(objects, keys, "output"):
            peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak_bytes < 6 * CHUNK_BYTES
