"""Labels of frames become words with their times."""

import numpy as np
import pytest

from services.stt.engines.deepspeech_words import words_of
from tests.services.stt.engines.deepspeech_model import ALPHABET

BLANK = len(ALPHABET)


def labels(text: str) -> list[int]:
    return [BLANK if letter == "_" else ALPHABET.index(letter) for letter in text]


def test_repeats_are_one_letter_unless_a_blank_stands_between() -> None:
    path = labels("__aall_l__ __s_oo  ")
    found = words_of(path, np.log(np.full(len(path), 0.5, np.float32)), ALPHABET, 0.02)
    assert [(word.text, word.start_seconds, word.end_seconds) for word in found] == [
        ("all", 0.04, 0.16),
        ("so", 0.26, 0.34),
    ]
    assert [word.probability for word in found] == pytest.approx([0.5, 0.5])


def test_no_letters_are_no_words() -> None:
    assert words_of(labels("__  _"), np.zeros(5, np.float32), ALPHABET, 0.02) == []
