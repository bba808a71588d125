"""Stored objects as answers."""

import os
from pathlib import Path

import pytest

from gateway.stored import chunks_of
from shared.objects import ObjectStore
from shared.objects.base import CHUNK_BYTES
from shared.problems import NotFound

pytestmark = pytest.mark.anyio

CONTENTS = os.urandom(3 * CHUNK_BYTES + 1)


def open_files(folder: Path) -> list[str]:
    files = [
        os.readlink(f"/proc/self/fd/{one}")
        for one in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{one}")
    ]
    return [file for file in files if file.startswith(str(folder))]


async def test_an_object_comes_whole_in_bounded_chunks(objects: ObjectStore, tmp_path: Path) -> None:
    objects.put("big", CONTENTS)
    chunks = [chunk async for chunk in chunks_of(objects, "big")]
    assert b"".join(chunks) == CONTENTS
    assert max(map(len, chunks)) <= CHUNK_BYTES
    assert open_files(tmp_path / "data") == []


async def test_one_that_is_not_there_is_not_found_before_anything_is_sent(objects: ObjectStore) -> None:
    with pytest.raises(NotFound):
        await anext(chunks_of(objects, "none"))


async def test_who_leaves_early_leaves_no_file_open(objects: ObjectStore, tmp_path: Path) -> None:
    objects.put("big", CONTENTS)
    stream = chunks_of(objects, "big")
    await anext(stream)
    assert len(open_files(tmp_path / "data")) == 1
    await stream.aclose()
    assert open_files(tmp_path / "data") == []
