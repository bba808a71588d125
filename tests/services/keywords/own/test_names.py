"""Which words may be enrolled."""

import pytest

from services.keywords.own.names import LONGEST_KEYWORD, digest_of, keyword_of


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("computer", "computer"),
        ("  Hey\t\n Archie ", "hey archie"),
        ("O'Neill-2_x", "o'neill-2_x"),
        ("u\u0308ber", "\u00fcber"),
        ("नमस्ते", "नमस्ते"),
        ("\u4f60\u597d", "\u4f60\u597d"),
        ("a" * LONGEST_KEYWORD, "a" * LONGEST_KEYWORD),
    ],
)
def test_words_are_kept_in_one_form(given: str, kept: str) -> None:
    assert keyword_of(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "  ",
        "a,b",
        "a/b",
        "..",
        "a\0b",
        "<b>",
        "-",
        "Unknown",
        "silence",
        "a" * (LONGEST_KEYWORD + 1),
        "\ud800",
        "😀",
    ],
)
def test_what_is_no_word_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match="keyword"):
        keyword_of(given)


def test_digests_differ_and_are_harmless() -> None:
    digests = {digest_of(word) for word in ("computer", "computers", "\u00fcber", "\u4f60\u597d")}
    assert len(digests) == 4
    assert all(len(digest) == 32 and digest.isalnum() and digest.isascii() for digest in digests)
