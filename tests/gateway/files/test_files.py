"""Files in both kinds of store."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest

from gateway.files.files import Files
from gateway.files.names import new_id
from gateway.files.schemas import StoredFile
from shared.objects import ObjectStore
from shared.problems import InvalidInput, NotFound

NOW = datetime.now(UTC)
CALLER, STRANGER = "tmb_caller01", "tmb_caller02"


@pytest.fixture
def files(objects: ObjectStore) -> Files:
    return Files(objects)


def described(days_ago: float = 0, kept_days: float = 30, **members: object) -> StoredFile:
    created = NOW - timedelta(days=days_ago)
    return StoredFile(
        **{
            "id": new_id(int(created.timestamp() * 1000)),
            "bytes": 5,
            "created_at": int(created.timestamp()),
            "expires_at": int((created + timedelta(days=kept_days)).timestamp()),
            "filename": "speech.wav",
            "purpose": "user_data",
            **members,
        }
    )


def added(files: Files, caller: str = CALLER, **members: object) -> str:
    file = described(**members)  # type: ignore[arg-type]
    files.add(caller, file, BytesIO(b"sound"))
    return file.id


def keys(objects: ObjectStore) -> list[str]:
    return [found.key for found in objects.list()]


class TestAdd:
    def test_a_file_is_two_objects(self, files: Files, objects: ObjectStore) -> None:
        file = described()
        files.add(CALLER, file, BytesIO(b"sound"))
        assert keys(objects) == [f"files/{CALLER}/{file.id}/{name}" for name in ("content", "file.json")]
        assert objects.get(files.content_key(CALLER, file.id)) == b"sound"
        assert files.find(CALLER, file.id) == file

    @pytest.mark.parametrize("objects", ["folder"], indirect=True)
    def test_of_one_that_cannot_be_described_nothing_is_left(self, files: Files, objects: ObjectStore) -> None:
        file = described()
        in_the_way = f"files/{CALLER}/{file.id}/file.json/in-the-way"
        objects.put(in_the_way, b"")
        with pytest.raises(InvalidInput):
            files.add(CALLER, file, BytesIO(b"sound"))
        assert keys(objects) == [in_the_way]


class TestFind:
    @pytest.mark.parametrize("file_id", ["file-" + "0" * 24, "file-1", "../other", "", "file-" + "0" * 24 + "\n"])
    def test_what_is_not_there_is_not_found(self, files: Files, file_id: str) -> None:
        added(files)
        for call in (files.find, files.delete):
            with pytest.raises(NotFound):
                call(CALLER, file_id)

    @pytest.mark.parametrize("file_id", ["file-1", "../other", "file-" + "0" * 23 + "/"])
    def test_no_key_is_made_of_what_is_no_id(self, files: Files, file_id: str) -> None:
        with pytest.raises(NotFound):
            files.content_key(CALLER, file_id)

    def test_nobody_sees_files_of_others(self, files: Files) -> None:
        file_id = added(files)
        for call in (files.find, files.delete):
            with pytest.raises(NotFound):
                call(STRANGER, file_id)
        assert files.page(STRANGER, None, 10, "desc", None).data == []
        assert files.find(CALLER, file_id)

    def test_an_expired_one_is_not_found_even_before_it_is_removed(self, files: Files, objects: ObjectStore) -> None:
        file_id = added(files, days_ago=31)
        with pytest.raises(NotFound):
            files.find(CALLER, file_id)
        assert files.page(CALLER, None, 10, "desc", None).data == []
        assert len(keys(objects)) == 2

    @pytest.mark.parametrize("written", [None, b"", b"{}", b"\xff", b" " * 70_000])
    def test_content_without_a_description_is_no_file(
        self, files: Files, objects: ObjectStore, written: bytes | None
    ) -> None:
        file_id = described().id
        objects.put(files.content_key(CALLER, file_id), b"sound")
        if written is not None:
            objects.put(f"files/{CALLER}/{file_id}/file.json", written)
        with pytest.raises(NotFound):
            files.find(CALLER, file_id)
        assert files.page(CALLER, None, 10, "desc", None).data == []


class TestPage:
    def test_pages_follow_one_another_in_both_orders(self, files: Files) -> None:
        ids = [added(files, days_ago=days) for days in range(20, 0, -1)]
        added(files, caller=f"{CALLER}x")
        for order, expected in (("asc", ids), ("desc", ids[::-1])):
            found: list[str] = []
            has_more, after = True, None
            while has_more:
                page = files.page(CALLER, after, 6, order, None)  # type: ignore[arg-type]
                found += [file.id for file in page.data]
                assert (page.first_id, page.last_id) == (page.data[0].id, page.data[-1].id)
                has_more, after = page.has_more, page.last_id
            assert found == expected

    def test_an_empty_page(self, files: Files) -> None:
        page = files.page(CALLER, None, 10, "desc", None)
        assert page.model_dump() == {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False}

    def test_purposes_are_told_apart_before_they_are_counted(self, files: Files) -> None:
        for days in range(20):
            added(files, days_ago=days, purpose="batch" if days % 5 == 0 else "vision")
        page = files.page(CALLER, None, 3, "desc", "batch")
        assert [file.purpose for file in page.data] == ["batch"] * 3
        assert page.has_more
        rest = files.page(CALLER, page.last_id, 3, "desc", "batch")
        assert (len(rest.data), rest.has_more) == (1, False)

    def test_a_page_goes_on_behind_a_file_that_is_gone(self, files: Files) -> None:
        ids = [added(files, days_ago=days) for days in (3, 2, 1)]
        files.delete(CALLER, ids[1])
        assert [file.id for file in files.page(CALLER, ids[1], 10, "desc", None).data] == ids[:1]


class TestRemoval:
    def test_a_deleted_file_leaves_nothing(self, files: Files, objects: ObjectStore) -> None:
        file_id, other = added(files), added(files)
        files.delete(CALLER, file_id)
        assert keys(objects) == [f"files/{CALLER}/{other}/{name}" for name in ("content", "file.json")]
        with pytest.raises(NotFound):
            files.delete(CALLER, file_id)

    def test_all_of_one_caller_are_forgotten(self, files: Files, objects: ObjectStore) -> None:
        added(files), added(files, days_ago=3)
        objects.put(files.content_key(CALLER, described().id), b"half an upload")
        other = added(files, caller=f"{CALLER}x")
        assert files.forget(CALLER) == 3
        assert {key.split("/")[2] for key in keys(objects)} == {other}
        assert files.forget(CALLER) == 0

    def test_those_that_came_later_are_not_forgotten(self, files: Files) -> None:
        added(files, days_ago=2)
        later = added(files)
        assert files.forget(CALLER, NOW - timedelta(days=1)) == 1
        assert [file.id for file in files.page(CALLER, None, 10, "desc", None).data] == [later]

    def test_what_has_expired_is_removed_and_nothing_else(self, files: Files, objects: ObjectStore) -> None:
        kept = [added(files, days_ago=29), added(files, caller=STRANGER), added(files, days_ago=1, kept_days=1.1)]
        for days_ago, kept_days in ((31, 30), (1, 0.9), (400, 30)):
            added(files, caller=STRANGER, days_ago=days_ago, kept_days=kept_days)
        objects.put("jobs/job_1/text.txt", b"text")
        objects.put("files/not-ours.txt", b"text")
        assert files.expire(NOW) == 3
        left = keys(objects)
        assert {key.split("/")[2] for key in left if key.count("/") == 3} == set(kept)
        assert len(left) == 8

    def test_uploads_that_broke_off_are_removed_after_a_day(self, files: Files, objects: ObjectStore) -> None:
        going_on, broken_off = described(days_ago=0.9).id, described(days_ago=1.1).id
        for file_id in (going_on, broken_off):
            objects.put(files.content_key(CALLER, file_id), b"half")
        assert files.expire(NOW) == 1
        assert keys(objects) == [files.content_key(CALLER, going_on)]


def test_sizes_are_those_of_one_callers_whole_files(files: Files, objects: ObjectStore) -> None:
    assert files.sizes_bytes(CALLER) == {}
    ids = [added(files), added(files)]
    added(files, caller=f"{CALLER}x")
    objects.put(files.content_key(CALLER, described().id), b"half an upload")
    assert files.sizes_bytes(CALLER) == dict.fromkeys(ids, 5)
