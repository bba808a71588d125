"""Sentence splitting: a table of hard cases, and properties that hold for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.text.sentences import LONGEST_SENTENCE, capped_span, has_blank_line, split_sentences
from tests.growth import is_linear

TRICKY = st.text(
    st.one_of(st.sampled_from("aA.!?\"'()[] \n\r\t“”’…。😀1,;-\u200d\u0301\x85\u2028"), st.characters()), max_size=80
)

CASES = [
    ["Mr. Smith met Dr. Jones at 3 p.m. on Monday.", "They left."],
    ["He lives in the U.S.", "He likes it."],
    ["The U.S. Army came.", "It left."],
    ["See e.g. the table, i.e. No. 5 there.", "Done."],
    ["It costs $3.50.", "Cheap."],
    ["Pi is 3.14159 today.", "OK?"],
    ["Go to https://example.com/a.b?c=d.", "Then stop."],
    ["See www.Example.Com for it.", "It uses ASP.NET daily."],
    ["Mail a@B.Com now.", "Please."],
    ['"Hello there." she said.', '"Go away!"', "He left."],
    ['He said "Stop!" and ran.', "Then he left."],
    ["“Stop.”", "Then he left."],
    ["‘No.’ he said."],
    ["(This is one.)", "This is two."],
    ["Stop it (please.)", "Now!"],
    ["A [bracketed. note] here.", "Next."],
    ["Well... I don't know.", "Maybe...", "Yes."],
    ["Wait…", "What?", "No!"],
    ["Hm... okay"],
    ["What?!", "No way.", "Really?!?"],
    ["I love it 😀 so much.", "😀😀 Next one!"],
    ["lol 😀😀😀"],
    ["No final stop"],
    ["今日は。", "元気ですか？", "はい！"],
    ["एक वाक्य।", "दूसरा।"],
    ["مرحبا؟", "نعم."],
    ["Version 1.2.3 is out.", "Use it."],
    ["At 10.0.0.1.", "Then 5.5."],
    ["He came at 5 p.m.", "Then he left.", "At 6 p.m. sharp we go."],
    ["J. R. R. Tolkien wrote it.", "Good."],
    ["Vol. 3 pp. 4-5.", "Fig. 2 shows it.", "Figs. 3 and 4 do too."],
    ["Is it 5 a.m.?", "Yes."],
    ["1. First item.", "2. Second item."],
    ["Apple Inc. is big.", "I work at Apple Inc.", "They pay."],
    ["John Smith Jr. was here.", "Mrs. B. came."],
    ["Dogs vs. cats.", "Approx. 5 in. long."],
    ["Gen. Lee, Sen. Bob, Capt. Z, Prof. D, Rev. E, St. G and Mt. H.", "All."],
    ["From Jan. 5 to Dec. 25.", "Then rest."],
    ["Ph.D. Jones called Smith, M.D. again.", "Fine."],
    ['He said "Mr." Jones twice.'],
    ["i went home.", "it was nice."],
    ["At 30 km/h.", "NASA said."],
    ["The temp. was high.", "It weighs 5 lbs. 3 oz. in all."],
    ["Yahoo! is big.", "Good."],
    ["..."],
    ["Oh well no.", "Bye.", "No.", "Bob left me.", "Anna, etc.", "Fine."],
    ["St. James Park is near."],
]


def spoken(text: str, language: str = "en") -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text, language)]


@pytest.mark.parametrize("sentences", CASES, ids=lambda sentences: sentences[0])
def test_table(sentences: list[str]) -> None:
    assert spoken(" ".join(sentences)) == sentences


def test_a_blank_line_ends_a_sentence_and_a_wrapped_line_does_not() -> None:
    assert spoken("A title\n \nwrapped\nline here.  \r\n\r\nAnd more") == ["A title", "wrapped\nline here.", "And more"]
    assert has_blank_line(" \r\n\r\n")
    assert not has_blank_line(" \n ")


def test_a_missed_end_is_found_at_the_end_of_a_line_too() -> None:
    assert spoken("(It was.)\nThe end. At 30 km/h.\nYes.") == ["(It was.)", "The end.", "At 30 km/h.", "Yes."]


def test_list_lines_are_sentences() -> None:
    assert spoken("- one\n- two") == ["- one", "- two"]


def test_glued_sentences_are_parted_only_where_no_name_is() -> None:
    assert spoken("He paid 5 dollars.Then he left.") == ["He paid 5 dollars.", "Then he left."]


def test_a_long_sentence_is_cut_at_a_clause_then_a_space_then_anywhere() -> None:
    clauses = spoken("and so it goes on, " * 60)
    assert all(len(piece) <= LONGEST_SENTENCE and piece.endswith("on,") for piece in clauses)
    words = spoken("word " * 300)
    assert all(len(piece) <= LONGEST_SENTENCE and set(piece.split()) == {"word"} for piece in words)
    assert [len(piece) for piece in spoken("a" * 1200)] == [500, 500, 200]


def test_a_hard_cut_keeps_an_accent_with_its_letter() -> None:
    pieces = spoken("x" + "e\u0301" * 400)
    assert all(not piece.startswith("\u0301") for piece in pieces)


def test_capped_span_does_not_split_what_is_short() -> None:
    assert capped_span(" One. Two. ") == [(1, 10)]


@settings(max_examples=300, deadline=None)
@given(TRICKY, st.sampled_from(["en", "de-DE", "ja", "xx", ""]))
def test_every_visible_character_is_in_exactly_one_span(text: str, language: str) -> None:
    covered = [0] * len(text)
    for start, end in split_sentences(text, language):
        assert 0 < end - start <= LONGEST_SENTENCE
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        for index in range(start, end):
            covered[index] += 1
    assert all(count == 1 for count, character in zip(covered, text, strict=True) if not character.isspace())
    assert max(covered, default=0) <= 1


HOSTILE = [
    "Hi Mr. Smith. How? ",
    ".",
    "a",
    '"',
    "(",
    " ",
    "\n",
    "\n \n",
    "?!",
    "a.",
    " a. ",
    '." A',
    "\u0301",
    "😀",
    "1. ",
    "\n1.",
]


@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    assert is_linear(lambda length: split_sentences(unit * (length // len(unit))), 50_000)
