"""Words become segments: cut at pauses, and never too long to be read."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stt.engine import Word
from services.stt.phrases import LONGEST_SECONDS, PAUSE_SECONDS, compression_ratio, segments_of


def words(*gaps_seconds: float, length_seconds: float = 0.3) -> list[Word]:
    """Return a word after each gap."""
    found, now = [], 0.0
    for number, gap in enumerate(gaps_seconds):
        found.append(Word(f"w{number}", now + gap, now + gap + length_seconds, 0.5))
        now += gap + length_seconds
    return found


def test_pauses_part_segments() -> None:
    segments = segments_of(words(0.1, 0.2, 0.39, 0.41, 1.0), "en", word_times=False)
    assert [segment.text for segment in segments] == ["w0 w1 w2", "w3", "w4"]
    assert all(segment.words == () for segment in segments)


def test_what_a_segment_tells() -> None:
    said = words(0.1, 0.1)
    [segment] = segments_of(said, "en", word_times=True)
    assert (segment.start_seconds, segment.end_seconds) == (said[0].start_seconds, said[-1].end_seconds)
    assert (segment.words, segment.language) == (tuple(said), "en")
    assert segment.mean_log_probability == pytest.approx(math.log(0.5))
    assert segment.compression_ratio == compression_ratio("w0 w1")


def test_no_words_make_no_segments() -> None:
    assert segments_of([], "en", word_times=True) == []


@given(st.lists(st.floats(0, 1), max_size=80), st.floats(0.01, 12))
def test_nothing_is_lost_and_nothing_is_too_long(gaps_seconds: list[float], length_seconds: float) -> None:
    said = words(*gaps_seconds, length_seconds=length_seconds)
    segments = segments_of(said, None, word_times=True)
    assert [word for segment in segments for word in segment.words] == said
    for segment in segments:
        assert len(segment.words) == 1 or segment.end_seconds - segment.start_seconds <= LONGEST_SECONDS
        assert all(after.start_seconds - word.end_seconds < PAUSE_SECONDS for word, after in pairwise(segment.words))


def test_a_probability_of_nothing_has_a_logarithm() -> None:
    [segment] = segments_of([Word("w", 0, 1, 0.0), Word("x", 1, 2, None)], None, word_times=False)
    assert segment.mean_log_probability == pytest.approx(math.log(1e-10))


def test_repetition_compresses() -> None:
    assert compression_ratio("I said so. " * 30) > 2.4 > compression_ratio("I said so, and never did it again.")
