"""A label for each frame becomes words with their times."""

from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from services.stt.engine import Word
from services.stt.engines.deepspeech_alphabet import SPACE


def words_of(
    labels: Sequence[int], scores: NDArray[np.float32], alphabet: Sequence[str], step_seconds: float
) -> list[Word]:
    """Return the words: what stands between spaces, repeats being one letter and blanks none."""
    words, letters = [], list[tuple[str, int, int]]()
    at = 0
    for label, repeats in groupby(labels):
        start, at = at, at + sum(1 for _ in repeats)
        letter = alphabet[label] if label < len(alphabet) else ""
        if letter == SPACE:
            words.append(letters)
            letters = []
        elif letter:
            letters.append((letter, start, at))
    return [_word(each, scores, step_seconds) for each in (*words, letters) if each]


def _word(letters: Sequence[tuple[str, int, int]], scores: NDArray[np.float32], step_seconds: float) -> Word:
    score = float(np.mean([scores[start:end].max() for _, start, end in letters]))
    start_seconds, end_seconds = (round(frame * step_seconds, 3) for frame in (letters[0][1], letters[-1][2]))
    text = "".join(letter for letter, *_ in letters)
    return Word(text, start_seconds, end_seconds, float(np.exp(min(score, 0.0))))
