"""Probabilities of letters become the likeliest text: by letters, by words, and with words that are likelier."""

import numpy as np
import pytest

from services.stt.engines.deepspeech_decoder import Decoder, LetterDecoder, WordDecoder
from services.stt.engines.deepspeech_network import Probabilities
from services.stt.engines.deepspeech_scorer import read_scorer
from services.stt.engines.deepspeech_words import words_of
from tests.services.stt.engines.deepspeech_model import ALPHABET, SCORER

BLANK = len(ALPHABET)


@pytest.fixture(scope="module")
def words() -> WordDecoder:
    return WordDecoder(str(SCORER), read_scorer(SCORER, ALPHABET), ALPHABET, beam_width=100)


def heard(text: str, *, doubt: str = "", sure: float = 0.9) -> Probabilities:
    """Two frames a letter, the second one blank; in place of `text` it might be `doubt`, of the same length."""
    frames = np.full((2 * len(text), BLANK + 1), 0.001, np.float32)
    frames[1::2, BLANK] = 0.95
    for at, (letter, other) in enumerate(zip(text, doubt or text, strict=True)):
        frames[2 * at, ALPHABET.index(other)] = 1 - sure
        frames[2 * at, ALPHABET.index(letter)] = sure
    return frames / frames.sum(axis=1, keepdims=True)


def written(decoder: Decoder, frames: Probabilities, *keywords: str, at_once: int = 1_000) -> str:
    decoding = decoder.begin(keywords)
    for start in range(0, len(frames), at_once):
        decoding.feed(frames[start : start + at_once])
    return " ".join(word.text for word in words_of(*decoding.finish(), ALPHABET, 0.02))


def test_letters_say_what_they_say() -> None:
    assert written(LetterDecoder(BLANK, 500), heard("shee hadd yur")) == "shee hadd yur"


def test_words_mend_letters(words: WordDecoder) -> None:
    assert written(words, heard("she had yuur drrk suit")) == "she had your dark suit"


@pytest.mark.parametrize("end", ["", " ", "  "])
def test_a_last_word_with_and_without_its_space(words: WordDecoder, end: str) -> None:
    assert written(words, heard(f" the cat sat{end}")) == "the cat sat"


def test_nothing_but_blanks_is_nothing(words: WordDecoder) -> None:
    blanks = np.tile(np.eye(BLANK + 1, dtype=np.float32)[BLANK], (20, 1))
    assert written(words, blanks) == ""
    assert written(LetterDecoder(BLANK, 500), blanks) == ""


def test_pieces_change_nothing(words: WordDecoder) -> None:
    frames = heard("she had yuur drrk suit in grasy wash", sure=0.6)
    assert written(words, frames, at_once=3) == written(words, frames)


def test_keywords_are_likelier(words: WordDecoder) -> None:
    frames = heard("the cat ", doubt="the sat ", sure=0.6)
    assert written(words, frames) == "the cat"
    assert written(words, frames, "SAT", "no word of the scorer") == "the sat"
    assert written(words, frames) == "the cat"
