"""Words of all callers in one folder: nobody sees another's, and none is lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.keywords.own.models import OwnModels
from services.keywords.own.schemas import StoredKeyword
from shared.objects import ObjectStore, open_objects
from shared.problems import ModelNotFound, StorageFull


def word(keyword: str, bias: float = 0.5) -> StoredKeyword:
    return StoredKeyword(
        keyword=keyword,
        created=datetime(2026, 1, 2, tzinfo=UTC),
        base_model="keywords/1",
        recordings=20,
        recall=0.95,
        false_accepts=0.01,
        threshold=0.5,
        stream_threshold=0.8,
        weights=[0.25, -1.5],
        bias=bias,
    )


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return open_objects(str(tmp_path))


@pytest.fixture
def own(objects: ObjectStore) -> OwnModels:
    return OwnModels(objects, most_models=2, most_keywords=3)


class TestFind:
    def test_words_come_back_as_they_were_by_the_alphabet(self, own: OwnModels) -> None:
        for keyword in ("zebra", "\u00fcber", "ada"):
            own.put("alice", "mine", word(keyword))
        assert own.find("alice", "mine") == [word("ada"), word("zebra"), word("\u00fcber")]

    def test_a_word_that_is_put_again_is_replaced(self, own: OwnModels) -> None:
        own.put("alice", "mine", word("ada"))
        assert own.find("alice", "mine")[0].bias == 0.5
        own.put("alice", "mine", word("ada", bias=7))
        assert [found.bias for found in own.find("alice", "mine")] == [7]

    @pytest.mark.parametrize(
        ("caller", "name"),
        [("bob", "mine"), ("alice", "other"), ("alice", "min"), ("alice", ".."), ("alice", "mine/.."), ("alice", "")],
    )
    def test_nothing_else_is_found(self, own: OwnModels, caller: str, name: str) -> None:
        own.put("alice", "mine", word("ada"))
        with pytest.raises(ModelNotFound):
            own.find(caller, name)

    def test_what_was_not_written_here_is_no_word(self, own: OwnModels, objects: ObjectStore) -> None:
        own.put("alice", "mine", word("ada"))
        objects.put("keywords/alice/mine/notes.txt", b"x")
        objects.put(f"keywords/alice/mine/{'0' * 32}.json", b"{}")
        objects.put(f"keywords/alice/mine/{'1' * 32}.json", b"[" * 300_000)
        broken = word("eve").model_dump_json().replace("0.25", "NaN")
        objects.put(f"keywords/alice/mine/{'2' * 32}.json", broken.encode())
        assert own.find("alice", "mine") == [word("ada")]
        assert [name for name, _ in own.page("alice")] == ["mine"]


class TestPut:
    def test_limits(self, own: OwnModels) -> None:
        for keyword in ("a", "b", "c"):
            own.put("alice", "mine", word(keyword))
        own.put("alice", "other", word("a"))
        with pytest.raises(StorageFull, match="3 keywords"):
            own.put("alice", "mine", word("d"))
        with pytest.raises(StorageFull, match="2 models"):
            own.put("alice", "third", word("a"))
        own.put("alice", "mine", word("c", bias=2))
        own.put("bob", "third", word("a"))

    def test_limits_hold_for_words_at_the_same_time(self, own: OwnModels) -> None:
        def put(number: int) -> bool:
            try:
                own.put("alice", "mine", word(f"word {number}"))
            except StorageFull:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(put, range(16))) == 3
        assert len(own.find("alice", "mine")) == 3


class TestDelete:
    def test_removes_all_of_a_model_and_nothing_else(self, own: OwnModels, objects: ObjectStore) -> None:
        own.put("alice", "mine", word("a"))
        own.put("alice", "mine", word("b"))
        own.put("alice", "mine2", word("a"))
        own.put("bob", "mine", word("a"))
        own.delete("alice", "mine")
        with pytest.raises(ModelNotFound):
            own.find("alice", "mine")
        assert {found.key.rpartition("/")[0] for found in objects.list()} == {
            "keywords/alice/mine2",
            "keywords/bob/mine",
        }

    @pytest.mark.parametrize("name", ["absent", "..", "", "mine/.."])
    def test_of_what_is_not_there(self, own: OwnModels, name: str) -> None:
        own.put("alice", "mine", word("a"))
        with pytest.raises(ModelNotFound):
            own.delete("alice", name)
        assert own.find("alice", "mine")

    def test_all_of_a_caller(self, own: OwnModels, objects: ObjectStore) -> None:
        for caller, model in (("alice", "mine"), ("alice", "other"), ("alice2", "mine")):
            own.put(caller, model, word("a"))
        assert own.delete_all("alice") == 2
        assert own.delete_all("alice") == 0
        assert [found.key.split("/")[1] for found in objects.list()] == ["alice2"]
