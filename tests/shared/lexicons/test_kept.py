"""Lexicons in the object store."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.lexicons import MOST_LEXICONS_OF_A_KEY, Lexicons, Pronunciation
from shared.objects import ObjectStore, open_objects
from shared.problems import InvalidLexicon, LexiconNotFound, TooManyLexicons
from tests.shared.lexicons.test_pls import document, lexeme

WEB = document(lexeme("<grapheme>W3C</grapheme><alias>web</alias>"))
NET = document(lexeme("<grapheme>W3C</grapheme><alias>net</alias>"))


@pytest.fixture
def objects(tmp_path: Path) -> ObjectStore:
    return open_objects(str(tmp_path))


@pytest.fixture
def kept(objects: ObjectStore) -> Lexicons:
    return Lexicons(objects)


def test_a_lexicon_is_kept_as_it_came(kept: Lexicons) -> None:
    kept.put("one", "w3c", WEB)
    found = kept.find("one", "w3c")
    assert (found.name, found.content, found.size_bytes) == ("w3c", WEB, len(WEB))
    assert found.lexicon.words == {"W3C": Pronunciation(alias="web")}
    assert datetime.now(UTC) - found.modified < timedelta(minutes=5)


def test_another_process_hears_the_newest(kept: Lexicons, objects: ObjectStore) -> None:
    other = Lexicons(objects)
    for content, alias in ((WEB, "web"), (NET, "net")):
        kept.put("one", "w3c", content)
        assert other.all_of("one", ["w3c"])[0].words["W3C"].alias == alias


@pytest.mark.parametrize("name", ["w3c", "../one/w3c", "", "a" * 21])
def test_each_caller_has_its_own(kept: Lexicons, name: str) -> None:
    kept.put("one", "w3c", WEB)
    with pytest.raises(LexiconNotFound):
        kept.find("two", name)
    assert kept.page("two") == []


def test_a_bad_one_leaves_what_was_there(kept: Lexicons) -> None:
    kept.put("one", "w3c", WEB)
    with pytest.raises(InvalidLexicon):
        kept.put("one", "w3c", "no xml")
    assert kept.find("one", "w3c").content == WEB


def test_a_hundred_and_no_more(kept: Lexicons, objects: ObjectStore) -> None:
    for number in range(MOST_LEXICONS_OF_A_KEY):
        objects.put(f"lexicons/one/l{number:03}", WEB.encode())
    with pytest.raises(TooManyLexicons):
        kept.put("one", "more", WEB)
    kept.put("one", "l000", NET)
    kept.put("two", "more", WEB)
    assert [one.name for one in kept.page("one")] == [f"l{number:03}" for number in range(MOST_LEXICONS_OF_A_KEY)]


def test_deleting_and_forgetting(kept: Lexicons) -> None:
    for name in ("a", "b", "c"):
        kept.put("one", name, WEB)
    kept.put("two", "a", WEB)
    kept.delete("one", "a")
    with pytest.raises(LexiconNotFound):
        kept.delete("one", "a")
    kept.forget("one", datetime.now(UTC) - timedelta(hours=1))
    assert len(kept.page("one")) == 2
    kept.forget("one", datetime.now(UTC) + timedelta(hours=1))
    assert kept.page("one") == []
    assert len(kept.page("two")) == 1


def test_what_others_put_there_is_passed_over(kept: Lexicons, objects: ObjectStore) -> None:
    objects.put("lexicons/one/strange", b"\xff\xfe")
    kept.put("one", "w3c", WEB)
    assert [one.name for one in kept.page("one")] == ["w3c"]
    with pytest.raises(LexiconNotFound):
        kept.find("one", "strange")
