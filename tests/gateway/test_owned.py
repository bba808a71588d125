"""What callers keep under names of their own choice."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway import owned
from gateway.owned import Owned
from shared.objects import ObjectStore
from shared.problems import AlreadyExists, InvalidInput, NotFound

ONE, OTHER = "tmb_one", "tmb_two"


@pytest.fixture
def words(objects: ObjectStore) -> Owned:
    return Owned(objects, "words")


def test_what_is_kept_is_found_by_its_caller_alone(words: Owned, objects: ObjectStore) -> None:
    words.add(ONE, "a", {"n": 1})
    assert words.get(ONE, "a") == {"n": 1}
    assert words.find(OTHER, "a") is None
    assert Owned(objects, "others").find(ONE, "a") is None
    with pytest.raises(NotFound):
        words.get(OTHER, "a")


def test_a_name_is_taken_once_and_free_again(words: Owned) -> None:
    words.add(ONE, "a", {"n": 1})
    with pytest.raises(AlreadyExists):
        words.add(ONE, "a", {"n": 2})
    words.add(OTHER, "a", {"n": 3})
    words.put(ONE, "a", {"n": 4})
    words.delete(ONE, "a")
    words.delete(ONE, "a")
    words.add(ONE, "a", {"n": 5})
    assert (words.get(ONE, "a"), words.get(OTHER, "a")) == ({"n": 5}, {"n": 3})


def test_names_that_mean_something_to_a_file_system(words: Owned) -> None:
    names = [".", "..", ".timbre-partial-a", "a.b", "A", "a", "-"]
    for name in names:
        words.add(ONE, name, {"name": name})
    assert list(words.names(ONE)) == sorted(names)
    assert list(words.several(ONE, [*names, "gone"])) == [(name, {"name": name}) for name in names]
    for wrong in ("../a", "a/../../b", "a\0", "x" * 2000):
        with pytest.raises(InvalidInput):
            words.add(ONE, wrong, {})


def test_a_caller_is_forgotten_until_a_moment(words: Owned, objects: ObjectStore) -> None:
    words.add(ONE, "a", {})
    words.add(OTHER, "a", {})
    owned.forget(objects, ONE, datetime.now(UTC) - timedelta(minutes=1))
    assert list(words.names(ONE)) == ["a"]
    owned.forget(objects, ONE, datetime.now(UTC) + timedelta(minutes=1))
    assert (list(words.names(ONE)), list(words.names(OTHER))) == ([], ["a"])


def test_one_collection_expires(words: Owned, objects: ObjectStore) -> None:
    passing = Owned(objects, "passing")
    for collection in (words, passing):
        collection.add(ONE, "a", {})
    owned.expire(objects, {"passing"}, datetime.now(UTC) - timedelta(minutes=1))
    assert list(passing.names(ONE)) == ["a"]
    owned.expire(objects, {"passing"}, datetime.now(UTC) + timedelta(minutes=1))
    assert (list(passing.names(ONE)), list(words.names(ONE))) == ([], ["a"])
