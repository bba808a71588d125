"""Lexicons heard in runs of text."""

from itertools import pairwise

import pytest

from shared.lexicons import Lexicon, Pronunciation, Pronunciations
from shared.text.document import Run, SayAs
from shared.text.source import byte_offsets


def lexicon(language: str = "en-US", **words: str) -> Lexicon:
    return Lexicon(language, "ipa", {word: Pronunciation(alias=alias) for word, alias in words.items()}, len(words))


def run(text: str) -> Run:
    return Run(text, tuple(byte_offsets(text, 10)))


def heard(text: str, *lexicons: Lexicon, language: str = "en-US") -> list[str]:
    """Return the aliases that are heard."""
    return [one.alias for one in Pronunciations(lexicons).applied(run(text), language) if one.alias]


def test_words_stay_where_they_stand() -> None:
    pieces = list(Pronunciations([lexicon(W3C="web", Zoë="zoey")]).applied(run("Zoë, the W3C!"), "en-us"))
    assert [(piece.text, piece.alias) for piece in pieces] == [
        ("Zoë", "zoey"),
        (", the ", None),
        ("W3C", "web"),
        ("!", None),
    ]
    assert [piece.offsets[0] for piece in pieces] == [10, 14, 20, 23]
    assert all(one.offsets[-1] == other.offsets[0] for one, other in pairwise(pieces))
    assert all(len(piece.offsets) == len(piece.text) + 1 for piece in pieces)


@pytest.mark.parametrize(
    "text", ["w3c", "W3Cs", "aW3C", "W3C's", "W3C’s", "_W3C", "W3C2", "", "W3", "ÄW3C", "the World Wide Web"]
)
def test_what_is_another_word(text: str) -> None:
    assert heard(text, lexicon(W3C="web")) == []


@pytest.mark.parametrize("text", ["W3C", "(W3C)", "W3C-based", "W3C.", "'W3C'", "W3C' end", "a W3C\tb", "日 W3C"])
def test_what_is_the_word(text: str) -> None:
    assert heard(text, lexicon(W3C="web")) == ["web"]


def test_signs_are_no_patterns() -> None:
    words = Lexicon("en", "ipa", {sign: Pronunciation(alias="sign") for sign in ("C++", ".*", "a|b", "$5")}, 4)
    assert heard("C++ or a|b for $5, not C--", words) == ["sign"] * 3


def test_the_longest_of_several_is_the_word() -> None:
    words = Lexicon("en", "ipa", {"New": Pronunciation(alias="n"), "New York": Pronunciation(alias="ny")}, 2)
    assert heard("New York, New\n York and New Jersey", words) == ["ny", "ny", "n"]


def test_the_first_lexicon_wins() -> None:
    assert heard("a b", lexicon(a="one"), lexicon(a="two", b="three")) == ["one", "three"]


@pytest.mark.parametrize(
    ("of_lexicon", "of_text", "is_heard"),
    [
        ("en-US", "en-us", True),
        ("en", "en-GB", True),
        ("en-GB", "en", True),
        ("en-GB", "en-gb-scotland", True),
        ("en-US", "en-GB", False),
        ("en", "eng", False),
        ("de", "en-US", False),
    ],
)
def test_only_its_language(of_lexicon: str, of_text: str, is_heard: bool) -> None:
    assert bool(heard("a", lexicon(of_lexicon, a="b"), language=of_text)) == is_heard


@pytest.mark.parametrize("marked", [{"alias": "x"}, {"ipa": "a"}, {"say_as": SayAs("characters")}])
def test_what_markup_says_of_a_text_is_left(marked: dict[str, object]) -> None:
    said = Run("W3C", (0, 1, 2, 3), **marked)  # type: ignore[arg-type]
    assert list(Pronunciations([lexicon(W3C="web")]).applied(said, "en-US")) == [said]


def test_without_lexicons_nothing_changes() -> None:
    text = run("Hello there.")
    assert list(Pronunciations().applied(text, "en-US")) == [text]
