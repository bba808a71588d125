import numpy as np
import pytest

from services.tts.speech import Speech, WordTime
from services.tts.timing import LEAD_SECONDS, TAIL_SECONDS, tightened, trimmed, word_times

RATE = 16_000


def sound(seconds: float) -> np.ndarray:
    return np.full(round(seconds * RATE), 0.5, np.float32)


def silent(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def test_spans_of_one_word_are_merged() -> None:
    times = word_times([(0, 0.1, 0.2), (0, 0.2, 0.5), (2, 0.5, 0.9)], 3)
    assert times == [WordTime(0, 0.1, 0.5), WordTime(1, 0.5, 0.5), WordTime(2, 0.5, 0.9)]


def test_disorder_is_put_in_order() -> None:
    times = word_times([(1, 0.2, 0.3), (0, 0.5, 0.6)], 3)
    edges = [edge for time in times for edge in (time.start_seconds, time.end_seconds)]
    assert edges == sorted(edges)


def test_trimming_moves_the_words() -> None:
    samples = np.concatenate([silent(0.5), sound(0.4), silent(0.7)])
    speech = trimmed(Speech(samples, RATE, (WordTime(0, 0.5, 0.9),)))
    assert speech.seconds == pytest.approx(0.4 + LEAD_SECONDS + TAIL_SECONDS, abs=0.011)
    assert speech.words[0].start_seconds == pytest.approx(LEAD_SECONDS, abs=0.006)
    assert speech.words[0].end_seconds == pytest.approx(LEAD_SECONDS + 0.4, abs=0.006)


def test_only_silence_leaves_nothing() -> None:
    speech = trimmed(Speech(silent(1.0), RATE, (WordTime(0, 0.2, 0.3),)))
    assert len(speech.samples) == 0
    assert speech.words == (WordTime(0, 0.0, 0.0),)


def test_pause_behind_a_word_is_not_the_word() -> None:
    samples = np.concatenate([sound(0.3), silent(0.3), sound(0.2)])
    speech = tightened(Speech(samples, RATE, (WordTime(0, 0.0, 0.6), WordTime(1, 0.6, 0.8))))
    assert speech.words[0].end_seconds == pytest.approx(0.3, abs=0.006)
    assert speech.words[1] == WordTime(1, 0.6, pytest.approx(0.8, abs=0.006))
