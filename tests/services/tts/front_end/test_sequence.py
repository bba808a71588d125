from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.tts.front_end import FrontEnd, IdSequence, id_sequences
from services.tts.front_end.sequence import MOST_SYMBOLS
from services.tts.speech import SpokenWord
from tests.services.tts.front_end.fronts import ENGLISH, SYMBOLS, front_end, plain_front_end


def sequence(front: FrontEnd, *words: tuple[str, str]) -> IdSequence:
    """Return the one sequence of words given as sounds and punctuation."""
    spoken = [SpokenWord("x", after=after) for _, after in words]
    (one,) = id_sequences(front, spoken, [sounds for sounds, _ in words])
    return one


def symbols(given: IdSequence) -> str:
    return "".join(ENGLISH[id] for id in given.ids)


def test_layout_of_piper() -> None:
    made = sequence(front_end(), (" ab", ","), (" d", ""))
    assert symbols(made) == "^_a_b_,_ _d_$"
    assert made.words == (None, None, 0, 0, 0, 0, None, None, None, None, 1, 1, None)


def test_layout_of_coqui() -> None:
    made = sequence(front_end(blank_ends=True, start=None, end=None), (" ab", ","), (" d", ""))
    assert symbols(made) == "_a_b_,_ _d_"
    assert made.words == (None, 0, 0, 0, 0, None, None, None, None, 1, 1)


def test_layout_of_a_voice_of_the_vocoder() -> None:
    made = sequence(front_end(blank=None), (" ab", "."), (" d", ""))
    assert symbols(made) == "^ab. d$"
    assert made.words == (None, 0, 0, None, None, 1, None)


def test_nothing_around() -> None:
    assert symbols(sequence(plain_front_end(), (" ab", ""), ("d", ""))) == "abd"


def test_symbols_of_several_numbers() -> None:
    made = sequence(plain_front_end(symbols={"a": [7, 8], "b": [9]}), (" ab", ""))
    assert made.ids == (7, 8, 9)


@pytest.mark.parametrize(
    ("after", "known"),
    [
        *[("!?", "!?"), ("...", "."), ("…", "."), ("—", ","), ("–", ","), ("。", "."), ("؟", "?"), ("،", ",")],
        *[("_", ""), ("^$", ""), (")", ""), ('."', "."), ("*,_", ",")],
    ],
)
def test_punctuation(after: str, known: str) -> None:
    assert symbols(sequence(plain_front_end(), (" a", after))) == f"a{known}"


def test_punctuation_that_the_voice_has_itself() -> None:
    own = {**SYMBOLS, "…": [len(SYMBOLS)]}
    assert sequence(plain_front_end(symbols=own), (" a", "…")).ids[-1] == len(SYMBOLS)


def test_unknown_symbols_are_left_out() -> None:
    assert symbols(sequence(front_end(), (" aXbЖ_^$", ""))) == "^_a_b_$"
    assert id_sequences(front_end(), [SpokenWord("x", after=",")], [" ЖЖ"]) == []
    assert id_sequences(front_end(), [], []) == []


def test_a_silent_word_makes_no_pause_at_the_start() -> None:
    assert symbols(sequence(plain_front_end(), (" ", "."), (" a", ""))) == "a"


def test_letters_are_taken_apart_where_the_voice_wants_that() -> None:
    apart, whole = {"c": [0], "\u0327": [1], "ç": [2]}, {"c": [0], "ç": [2]}
    assert sequence(plain_front_end(symbols=apart), (" ç", "")).ids == (0, 1)
    assert sequence(plain_front_end(symbols=whole), (" ç", "")).ids == (2,)
    assert sequence(plain_front_end(symbols={"c": [0]}), (" ç", "")).ids == (0,)


def test_long_utterances_are_cut_between_words() -> None:
    words = [(" abdefhi", ",")] * 200
    parts = id_sequences(plain_front_end(), [SpokenWord("x", after=after) for _, after in words], [s for s, _ in words])
    assert [symbols(part) for part in parts[:-1]] == [",".join(["abdefhi"] * 33).replace(",", ", ") + ","] * 6
    assert max(len(part.ids) for part in parts) <= MOST_SYMBOLS
    assert [word for part in parts for word in part.words if word is not None] == [
        n for n in range(200) for _ in range(7)
    ]


def test_long_utterances_are_cut_at_pauses_where_there_are_some() -> None:
    words = [(" abde", "," if number in (20, 50) else "") for number in range(80)]
    parts = id_sequences(plain_front_end(), [SpokenWord("x", after=after) for _, after in words], [s for s, _ in words])
    assert [max(word for word in part.words if word is not None) for part in parts] == [50, 79]


def test_long_words_are_cut_where_they_must_be() -> None:
    parts = id_sequences(plain_front_end(), [SpokenWord("x")], [" " + "a" * 1200])
    assert [len(part.ids) for part in parts] == [MOST_SYMBOLS] * 4


@given(st.lists(st.tuples(st.text(ENGLISH + "xЖç\u0327", max_size=300), st.text(ENGLISH, max_size=4)), max_size=8))
def test_no_sound_is_lost(words: list[tuple[str, str]]) -> None:
    parts = id_sequences(
        plain_front_end(), [SpokenWord("x", after=after) for _, after in words], [sounds for sounds, _ in words]
    )
    told = [(word, ENGLISH[id]) for part in parts for id, word in zip(part.ids, part.words, strict=True)]
    spoken = set(ENGLISH) - {" "}
    expected = [(index, sign) for index, (sounds, _) in enumerate(words) for sign in sounds if sign in spoken]
    assert [(word, sign) for word, sign in told if word is not None] == expected
    assert all(1 <= len(part.ids) <= MOST_SYMBOLS for part in parts)


@pytest.mark.parametrize(
    "wrong",
    [
        {"phonemizer": "espeak-ng"},
        {"language": "../../en"},
        {"language": "EN"},
        {"symbols": {}},
        {"symbols": {"_": [0], "^": [1], "$": []}},
        {"symbols": {**SYMBOLS, "a": [-1]}},
        {"symbols": {**SYMBOLS, "a": [1 << 40]}},
        {"symbols": {**SYMBOLS, "a": ["1"]}},
        {"symbols": {**SYMBOLS, "": [1]}},
        {"blank": "~"},
        {"start": ""},
        {"cleaner": "english"},
    ],
)
def test_front_ends_that_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        front_end(**wrong)
