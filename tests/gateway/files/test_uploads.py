"""What is taken, as what, and how much of it."""

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import pytest
from fastapi import UploadFile

from gateway.files.files import Files
from gateway.files.schemas import StoredFile, Upload
from gateway.files.uploads import Quota, Uploads
from shared.objects import ObjectStore, open_objects
from shared.objects.folder import FolderObjects
from shared.problems import InvalidInput, StorageFull

CALLER = "tmb_caller01"
DAY = 86_400


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return open_objects(str(tmp_path / "data"))


@pytest.fixture
def uploads(objects: ObjectStore) -> Uploads:
    return Uploads(Files(objects), Quota(5, 1_000), timedelta(days=30))


def upload(content: bytes = b"sound", name: str = "speech.wav", **members: object) -> Upload:
    file = UploadFile(BytesIO(content), size=len(content), filename=name)
    return Upload.model_validate({"file": file, **members})


def refusal(uploads: Uploads, size_bytes: int = 5) -> StorageFull:
    with pytest.raises(StorageFull) as refused:
        uploads.keep(CALLER, upload(b"x" * size_bytes))
    return refused.value


class TestKeep:
    def test_a_file_is_told_of_as_it_is_kept(self, uploads: Uploads) -> None:
        began = int(time.time())
        taken = uploads.keep(CALLER, upload(b"four", "../a.wav", purpose="batch"))
        assert uploads.files.find(CALLER, taken.id) == taken
        assert began <= taken.created_at <= time.time()
        assert taken == StoredFile(
            id=taken.id,
            bytes=4,
            created_at=taken.created_at,
            expires_at=taken.created_at + 30 * DAY,
            filename="a.wav",
            purpose="batch",
        )

    @pytest.mark.parametrize(("asked", "kept"), [(3_600, 3_600), (29 * DAY, 29 * DAY), (30 * DAY, 30 * DAY)])
    def test_it_expires_when_its_caller_says(self, uploads: Uploads, asked: int, kept: int) -> None:
        order = upload(**{"expires_after[anchor]": "created_at", "expires_after[seconds]": asked})
        taken = uploads.keep(CALLER, order)
        assert taken.expires_at - taken.created_at == kept

    def test_but_never_after_retention(self, objects: ObjectStore) -> None:
        uploads = Uploads(Files(objects), Quota(5, 1_000), timedelta(days=2))
        order = upload(**{"expires_after[anchor]": "created_at", "expires_after[seconds]": 3 * DAY})
        taken = uploads.keep(CALLER, order)
        assert taken.expires_at - taken.created_at == 2 * DAY

    def test_an_empty_one_is_refused(self, uploads: Uploads, objects: ObjectStore) -> None:
        with pytest.raises(InvalidInput) as refused:
            uploads.keep(CALLER, upload(b""))
        assert refused.value.param == "file"
        assert list(objects.list()) == []


class TestQuota:
    def test_so_many_files(self, uploads: Uploads) -> None:
        taken = [uploads.keep(CALLER, upload()) for _ in range(5)]
        assert refusal(uploads).extensions == {"limit": 5}
        uploads.keep("tmb_caller02", upload())
        uploads.files.delete(CALLER, taken[0].id)
        uploads.keep(CALLER, upload())
        refusal(uploads)

    def test_so_many_bytes(self, uploads: Uploads) -> None:
        uploads.keep(CALLER, upload(b"x" * 600))
        assert refusal(uploads, 401).extensions == {"limit": 1_000}
        uploads.keep(CALLER, upload(b"x" * 400))
        refusal(uploads, 1)

    def test_a_file_that_alone_is_too_much(self, uploads: Uploads) -> None:
        refusal(uploads, 1_001)

    def test_many_at_once_never_exceed_it(self, uploads: Uploads) -> None:
        def take(_: int) -> bool:
            try:
                uploads.keep(CALLER, upload())
            except StorageFull:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert sum(pool.map(take, range(64))) == 5
        assert len(uploads.files.sizes_bytes(CALLER)) == 5
        uploads.files.forget(CALLER)
        uploads.keep(CALLER, upload(b"x" * 1_000))  # what was refused has left no trace in the count


class Held(FolderObjects):
    """A store that takes its time."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.go_on = threading.Event()

    def put(self, key: str, data: bytes | Path | BinaryIO, *, if_absent: bool = False) -> str:
        assert self.go_on.wait(60)
        return super().put(key, data, if_absent=if_absent)


@pytest.mark.anyio
async def test_a_slow_storage_keeps_no_other_call_waiting(tmp_path: Path) -> None:
    store = Held(tmp_path)
    uploads = Uploads(Files(store), Quota(100, 1_000), timedelta(days=30))
    taken = [asyncio.create_task(uploads.take(CALLER, upload())) for _ in range(100)]
    while uploads.threads.borrowed_tokens < uploads.threads.total_tokens:
        await asyncio.sleep(0)
    async with asyncio.timeout(30):
        assert await asyncio.to_thread(int) == 0
    assert not any(task.done() for task in taken)
    store.go_on.set()
    assert len({file.id for file in await asyncio.gather(*taken)}) == 100
