"""Words that are removed, masked or tagged."""

import pytest

from gateway.transcripts.filtering import Method, filtered
from tests.gateway.transcripts.said import said

TEXT = "Oh, damn, the Sea. Seashells! New York, new work."


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("remove", "Oh, the. Seashells! new work."),
        ("mask", "Oh, ***, the ***. Seashells! *** ***, new work."),
        ("tag", TEXT),
    ],
)
def test_whole_words_and_phrases_in_capitals_or_not(method: Method, text: str) -> None:
    found = filtered(said(TEXT), ["DAMN", "sea", "new york"], method)
    assert found.text == text
    tagged = [item.text for item in found.words if item.is_filtered]
    assert tagged == (["damn", "Sea", "New", "York"] if method == "tag" else [])


def test_times_of_the_others_stay() -> None:
    before, masked, removed = said(TEXT), filtered(said(TEXT), ["sea"], "mask"), filtered(said(TEXT), ["sea"], "remove")
    times = [(item.start_seconds, item.end_seconds) for item in before.words]
    assert [(item.start_seconds, item.end_seconds) for item in masked.words] == times
    assert [(item.start_seconds, item.end_seconds) for item in removed.words] == times[:3] + times[4:]


def test_a_phrase_ends_with_its_passage() -> None:
    assert filtered(said("New", "York"), ["new york"], "mask").text == "New York"


def test_a_passage_of_which_nothing_is_left_is_gone() -> None:
    found = filtered(said("Damn!", "Damn it."), ["damn", "it"], "remove")
    assert (found.passages, found.text) == ((), "")


@pytest.mark.parametrize(("word", "written"), [("straße", "STRASSE"), ("CAFE\u0301", "caf\u00e9"), ("ﬁne", "fine")])
def test_however_it_is_written(word: str, written: str) -> None:
    assert filtered(said(written), [word], "mask").text == "***"
