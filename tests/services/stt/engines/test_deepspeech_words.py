"""Labels of frames become words with times, and words segments."""

import numpy as np
import pytest

from services.stt.engine import Word
from services.stt.engines.deepspeech_words import segments_of, words_of
from tests.services.stt.engines.deepspeech_model import ALPHABET

BLANK = len(ALPHABET)


def labels(text: str) -> list[int]:
    return [BLANK if letter == "_" else ALPHABET.index(letter) for letter in text]


def test_repeats_are_one_letter_unless_a_blank_stands_between() -> None:
    path = labels("__aall_l__ __s_oo  ")
    found = words_of(path, np.log(np.full(len(path), 0.5, np.float32)), ALPHABET, 0.02)
    assert [(word.text, word.start_seconds, word.end_seconds) for word, _ in found] == [
        ("all", 0.04, 0.16),
        ("so", 0.26, 0.34),
    ]
    assert [word.probability for word, _ in found] == pytest.approx([0.5, 0.5])


def test_no_letters_are_no_words() -> None:
    assert words_of(labels("__  _"), np.zeros(5, np.float32), ALPHABET, 0.02) == []
    assert segments_of([], "en", word_times=True) == []


def test_a_long_pause_ends_a_segment() -> None:
    words = [(Word("one", 0.0, 0.5), -0.1), (Word("two", 1.0, 1.5), -0.3), (Word("three", 2.6, 3.0), -0.5)]
    first, second = segments_of(words, "en", word_times=True)
    assert (first.text, first.start_seconds, first.end_seconds) == ("one two", 0.0, 1.5)
    assert (second.text, second.words) == ("three", (words[2][0],))
    assert first.mean_log_probability == pytest.approx(-0.2)
    assert segments_of(words, "en", word_times=False)[0].words == ()
