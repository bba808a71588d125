"""A label for each frame becomes words with their times, and words become segments."""

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

import numpy as np
from numpy.typing import NDArray

from services.stt.engine import Segment, Word
from services.stt.engines.deepspeech_alphabet import SPACE

_PAUSE_SECONDS = 1.0
"""Speech that pauses for longer is two segments."""

Scored = tuple[Word, float]
"""A word, and the mean natural logarithm of its letters' probabilities."""


def words_of(
    labels: Sequence[int], scores: NDArray[np.float32], alphabet: Sequence[str], step_seconds: float
) -> list[Scored]:
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


def _word(letters: Sequence[tuple[str, int, int]], scores: NDArray[np.float32], step_seconds: float) -> Scored:
    score = float(np.mean([scores[start:end].max() for _, start, end in letters]))
    times = (round(frame * step_seconds, 3) for frame in (letters[0][1], letters[-1][2]))
    return Word("".join(letter for letter, *_ in letters), *times, probability=float(np.exp(min(score, 0.0)))), score


def segments_of(words: Sequence[Scored], language: str | None, *, word_times: bool) -> list[Segment]:
    """Return a segment for each stretch without a long pause."""
    return [
        Segment(
            " ".join(word.text for word, _ in stretch),
            stretch[0][0].start_seconds,
            stretch[-1][0].end_seconds,
            tuple(word for word, _ in stretch) if word_times else (),
            mean_log_probability=float(np.mean([score for _, score in stretch])),
            language=language,
        )
        for stretch in _stretches(words)
    ]


def _stretches(words: Sequence[Scored]) -> Iterator[Sequence[Scored]]:
    pauses = (after.start_seconds - before.end_seconds for (before, _), (after, _) in pairwise(words))
    cuts = [number for number, pause in enumerate(pauses, 1) if pause > _PAUSE_SECONDS]
    for start, end in pairwise([0, *cuts, len(words)]):
        if end > start:
            yield words[start:end]
