"""Tokens: places in the input, punctuation, and properties that hold for any text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tts.normalise import Token, normalise
from shared.problems import Problem
from shared.text.document import Run
from shared.text.ssml import parse_ssml
from shared.text.tags import parse_plain
from tests.growth import is_linear


def plain(text: str) -> Run:
    offsets, total = [0], 0
    for character in text:
        total += len(character.encode(errors="surrogatepass"))
        offsets.append(total)
    return Run(text, tuple(offsets))


def spoken(text: str, language: str = "en") -> str:
    return " ".join(word for token in normalise(plain(text), language) for word in token.spoken)


def test_other_languages_pass_through() -> None:
    assert spoken("Ich habe 3,50 € am 1.2.2024!", "de-DE") == "Ich habe 3,50 € am 1.2.2024"


def test_tokens_keep_punctuation_and_byte_offsets() -> None:
    assert normalise(plain(' "Hé, Mr. X" paid $5.'), "en") == [
        Token("Hé", 2, 5, ("Hé",), '"', ","),
        Token("Mr.", 7, 10, ("Mister",)),
        Token("X", 11, 12, ("X",), "", '"'),
        Token("paid", 14, 18, ("paid",)),
        Token("$5", 19, 21, ("five", "dollars"), "", "."),
    ]


def test_offsets_are_those_of_the_markup() -> None:
    ssml = "<speak>Hé &amp; <emphasis>3</emphasis> <sub alias='World Wide'>W W.</sub></speak>"
    raw = ssml.encode()
    tokens = [token for run in parse_ssml(ssml).sentences[0].parts for token in normalise(run, "en")]
    assert [raw[token.start : token.end].decode() for token in tokens] == ["Hé", "&amp;", "3", "W W"]
    assert [token.spoken for token in tokens] == [("Hé",), ("and",), ("three",), ("World", "Wide")]


def test_sounds_come_with_words_for_engines_that_cannot_speak_them() -> None:
    run = Run(" 2 ", (0, 1, 2, 3), ipa="tuː")
    assert normalise(run, "en") == [Token("2", 1, 2, ("two",))]


PIECES = [
    "$3.50 ",
    "1/2/24",
    "5km",
    "U.S. ",
    "Mr.",
    "😀",
    "12:30",
    "-",
    "(555) 123-4567 ",
    "@",
    "#a",
    "½",
    "II ",
    "٣",
    "²",
    "①",
]


@settings(max_examples=250, deadline=None)
@given(
    st.lists(
        st.one_of(st.sampled_from(PIECES), st.text(max_size=6), st.from_regex(r"[0-9.,:/%$A-Za-z-]{1,8} ?")),
        max_size=12,
    ),
    st.sampled_from(["en", "en-GB", "de"]),
)
def test_any_text_has_tokens_that_give_it_back(pieces: list[str], language: str) -> None:
    text = "".join(pieces)
    try:
        document = parse_plain(text)
    except Problem:
        return
    raw = text.encode()
    for sentence in document.sentences:
        run = sentence.parts[0]
        assert isinstance(run, Run)
        tokens = normalise(run, language)
        assert [token.leading + token.text + token.trailing for token in tokens] == run.text.split()
        for token in tokens:
            assert run.offsets[0] <= token.start <= token.end <= run.offsets[-1]
            raw[token.start : token.end].decode()
            assert all(word and word == word.strip() for word in token.spoken)


def test_a_hundred_thousand_digits_are_read_one_by_one() -> None:
    (token,) = normalise(plain("7" * 100_000), "en")
    assert len(token.spoken) == 100_000


HOSTILE = [
    "7",
    "1,",
    "1.",
    "$",
    "a.",
    "A",
    "-",
    "#a",
    "@",
    "5-",
    "1/",
    "1:",
    "😀",
    "I",
    "a@",
    "_",
    "a-",
    "+1_",
    "555_",
    "5_km_",
    "$1_",
    "II_",
]


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_is_linear(unit: str) -> None:
    unit = unit.replace("_", " ") if len(unit) > 1 else unit
    assert is_linear(lambda length: normalise(plain(unit * (length // len(unit))), "en"), 10_000)
