import numpy as np
import pytest

from services.tts.speech import Speech, WordTime
from services.tts.timing import LEAD_SECONDS, TAIL_SECONDS, spans_of_ids, tightened, trimmed, word_times

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


def test_words_last_as_long_as_their_ids() -> None:
    seconds = np.array([0.1, 0.2, 0.3, 0.1, 0.4])
    spans = spans_of_ids([None, 0, 0, None, 2], seconds, sound(1.1), RATE)
    assert word_times(spans, 3) == [
        WordTime(0, pytest.approx(0.1), pytest.approx(0.6)),
        WordTime(1, pytest.approx(0.6), pytest.approx(0.6)),
        WordTime(2, pytest.approx(0.7), pytest.approx(1.1)),
    ]


def test_ids_without_a_time_share_what_is_not_silent() -> None:
    samples = np.concatenate([silent(0.2), sound(0.3), silent(0.5), sound(0.1), silent(0.1)])
    spans = spans_of_ids([None, 0, 0, 0, None, None, 1, None], None, samples, RATE)
    assert word_times(spans, 2) == [
        WordTime(0, pytest.approx(0.2, abs=0.006), pytest.approx(0.5, abs=0.006)),
        WordTime(1, pytest.approx(1.0, abs=0.006), pytest.approx(1.1, abs=0.006)),
    ]


@pytest.mark.parametrize("samples", [silent(0.5), silent(0.0)])
def test_ids_that_nobody_hears_have_no_time(samples: np.ndarray) -> None:
    assert spans_of_ids([0, 1], None, samples, RATE) == []


def test_more_ids_than_sound() -> None:
    spans = spans_of_ids([0] * 50 + [1] * 50, None, sound(0.05), RATE)
    assert word_times(spans, 2)[1].end_seconds == pytest.approx(0.05)
    assert spans_of_ids([], None, sound(0.1), RATE) == []
