"""Both kinds of catalogue keep the same, and answer the same questions."""

import sqlite3
from itertools import product
from pathlib import Path

import pytest

from shared.problems import Conflict, InvalidInput, NotFound, Unavailable
from training.speaker.data.catalogue import Catalogue, Note, Wanted
from training.speaker.data.clip import AGE_GROUPS, GENDERS, SPLITS, Clip, Speaker
from training.speaker.data.opened import open_catalogue, record_of
from training.speaker.data.rows import MOST_PATH_BYTES, MOST_SPEAKER_BYTES, MOST_WORD_BYTES

ACCENTS = ("", "England English", "England English|Lancashire", "Größe #1", "us")
CLIPS = [
    Clip(
        data_set=("cv-en", "cv-de")[number % 2],
        path=f"clips/{number} é+%41.mp3",
        speaker=f"speaker {number % 7}",
        gender=gender,
        age_group=age_group,
        age_years=(None, 33.0, 41.5)[number % 3],
        accent=ACCENTS[number % 5],
        language=("en", "de", "")[number % 3],
        duration_seconds=(None, 4.0, 4.716)[number % 3],
        licence="CC0-1.0",
        split=SPLITS[number % 7 % 3],
    )
    for number, (gender, age_group) in enumerate(product(GENDERS, AGE_GROUPS * 2))
]
SOME = CLIPS[46]
FIRST, DONE = Note("v1", len(CLIPS)), Note("v1", len(CLIPS), is_done=True)


@pytest.fixture
def full(catalogue: Catalogue) -> Catalogue:
    catalogue.locate("cv-en", "/data/en")
    catalogue.locate("cv-de", "s3://bucket/de")
    catalogue.add(CLIPS, "all", None, FIRST)
    return catalogue


def test_an_empty_one(catalogue: Catalogue) -> None:
    assert list(catalogue.clips(Wanted())) == []
    assert list(catalogue.clips(Wanted(gender="female"))) == []
    assert (list(catalogue.speakers()), catalogue.locations(), catalogue.note("a/b")) == ([], {}, None)


def test_what_is_kept_comes_back(full: Catalogue) -> None:
    assert sorted(full.clips(Wanted()), key=str) == sorted(CLIPS, key=str)
    assert full.locations() == {"cv-en": "/data/en", "cv-de": "s3://bucket/de"}
    assert {type(clip.duration_seconds) for clip in full.clips(Wanted())} == {float, type(None)}


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(gender="female"),
        Wanted(age_group="thirties"),
        Wanted(gender="female", age_group="thirties"),
        Wanted(gender=SOME.gender, age_group=SOME.age_group, split=SOME.split),
        Wanted(language="de"),
        Wanted(data_set="cv-de"),
        Wanted(data_set="cv-de", split="validation"),
        Wanted(split="train", language="en"),
        Wanted(SOME.gender, SOME.age_group, SOME.accent, SOME.language, SOME.data_set, SOME.split),
        Wanted(data_set="nothing"),
    ],
)
def test_filters(full: Catalogue, wanted: Wanted) -> None:
    exact = ("gender", "age_group", "accent", "language", "data_set", "split")
    asked = {name: value for name in exact if (value := getattr(wanted, name))}
    right = [clip for clip in CLIPS if all(getattr(clip, name) == value for name, value in asked.items())]
    assert sorted(full.clips(wanted), key=str) == sorted(right, key=str)
    assert right or wanted.data_set == "nothing"


@pytest.mark.parametrize(
    ("accent", "found"),
    [
        ("england", {"England English", "England English|Lancashire"}),
        ("ENGLAND ENGLISH|", {"England English|Lancashire"}),
        ("größe #", {"Größe #1"}),
        ("us", {"us"}),
        ("nglish", set()),
        ("_", set()),
        ("%", set()),
    ],
)
def test_accents_by_how_they_begin(full: Catalogue, accent: str, found: set[str]) -> None:
    assert {clip.accent for clip in full.clips(Wanted(accent=accent))} == found
    some = list(full.clips(Wanted(gender="female", age_group="thirties", accent=accent)))
    right = [clip for clip in CLIPS if clip.accent in found and clip[3:5] == ("female", "thirties")]
    assert sorted(some, key=str) == sorted(right, key=str)


def test_a_clip_takes_the_place_of_the_one_that_was_there(full: Catalogue) -> None:
    fresh = CLIPS[0]._replace(gender="male", age_group="nineties", speaker="somebody else", accent="")
    full.add([CLIPS[1], fresh, fresh], "all", FIRST, DONE)
    assert sorted(full.clips(Wanted()), key=str) == sorted([fresh, *CLIPS[1:]], key=str)
    assert full.note("all") == DONE


def test_of_two_imports_of_one_table_one_goes_on(full: Catalogue) -> None:
    for seen in (None, Note("v1", 5), Note("v2", len(CLIPS))):
        with pytest.raises(Conflict):
            full.add([], "all", seen, Note("v1", 7))
    assert full.note("all") == FIRST
    full.add([], "all", FIRST, DONE)
    assert full.note("all") == DONE


def test_who_has_a_split_keeps_it(catalogue: Catalogue) -> None:
    people = [Speaker(f"p{number:03}", "female", "teens", SPLITS[number % 3]) for number in range(250)]
    catalogue.remember(people)
    for others in ([people[3]._replace(split="test")], [Speaker("new", "male", "teens", "train"), people[0]]):
        with pytest.raises(Conflict):
            catalogue.remember(others)
    assert list(catalogue.speakers()) == sorted(people, key=lambda each: (SPLITS.index(each.split), each.speaker))


def test_the_longest_names_fit(catalogue: Catalogue) -> None:
    parts = [part * 80 for part in "abcdefg"]
    path = ("/".join(parts) + "/" + "é" * MOST_PATH_BYTES).encode()[:MOST_PATH_BYTES].decode(errors="ignore")
    longest = CLIPS[0]._replace(
        data_set="d" * 64, path=path, speaker="s" * MOST_SPEAKER_BYTES, accent="a" * MOST_WORD_BYTES
    )
    catalogue.locate(longest.data_set, "/")
    catalogue.add([longest], "all", None, FIRST)
    catalogue.remember([Speaker(longest.speaker, "male", "teens", "train")])
    assert list(catalogue.clips(Wanted())) == list(catalogue.clips(Wanted(accent="aaa"))) == [longest]


def test_names_of_data_sets_do_not_meet_names_of_the_catalogue_s_own(catalogue: Catalogue) -> None:
    for name in ("id", "data-sets", "version", "name"):
        catalogue.locate(name, f"/{name}")
    assert catalogue.locations() == {name: f"/{name}" for name in ("id", "data-sets", "version", "name")}


class TestSQLite:
    def test_nothing_is_made_where_one_only_asks(self, tmp_path: Path) -> None:
        with pytest.raises(NotFound), open_catalogue(str(tmp_path / "none.sqlite")):
            pass
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("name", ["text", ".", "text/below"])
    def test_what_is_no_catalogue(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "text").write_text("no database" * 1000)
        with pytest.raises(Unavailable), open_catalogue(str(tmp_path / name), create=True):
            pass

    def test_an_index_answers(self, sqlite: str) -> None:
        with open_catalogue(sqlite, create=True):
            database = sqlite3.connect(sqlite)
            where = "gender = 'female' AND age_group = 'thirties' AND accent_key BETWEEN 'a' AND 'b'"
            (*_, plan), *_ = database.execute(f"EXPLAIN QUERY PLAN SELECT * FROM clips WHERE {where}")
            database.close()
        assert "USING INDEX by_person (gender=? AND age_group=? AND accent_key>?" in plan


@pytest.mark.parametrize("place", ["dynamodb://", "dynamodb://a b", "dynamodb://ab/c", "redis://there", ""])
def test_other_places_are_refused(place: str) -> None:
    with pytest.raises(InvalidInput), open_catalogue(place):
        pass


def test_the_record_lies_beside_a_file() -> None:
    assert record_of("/a/b.sqlite", Path("/c")) == Path("/a/b.speakers.csv")
    assert record_of("dynamodb://voices", Path("/c")) == Path("/c/voices.speakers.csv")
