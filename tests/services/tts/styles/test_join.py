import numpy as np
import pytest

from services.tts.speech import Samples, Speech, WordTime
from services.tts.styles.join import faded, with_pauses

Voices = dict[str, list[Speech]]
RATE = 16_000


def longest_silence_seconds(samples: Samples, rate: int) -> float:
    quiet = np.abs(samples) < 1e-4
    edges = np.flatnonzero(np.diff(np.concatenate(([0], quiet.astype(int), [0]))))
    return float((edges[1::2] - edges[::2]).max(initial=0) / rate)


def steepest(samples: Samples) -> float:
    return float(np.abs(np.diff(samples, prepend=0.0, append=0.0)).max())


def tone(seconds: float) -> Speech:
    """Full from the first sample to the last: cut anywhere, it would click."""
    samples = np.cos(2 * np.pi * 220 * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)
    return Speech(samples, RATE, (WordTime(0, 0.0, seconds / 2), WordTime(1, seconds / 2, seconds)))


def test_no_click_at_joins() -> None:
    one = faded(tone(0.3).samples, RATE)
    together = np.concatenate([one, np.zeros(RATE // 10, np.float32), one])
    assert steepest(together) < 1.2 * float(np.abs(np.diff(tone(0.3).samples)).max())


def test_no_click_at_pauses_inside_a_tone() -> None:
    speech = with_pauses(tone(0.4), [(0, 0.1), (1, 0.2), (2, 0.3)])
    assert steepest(speech.samples) < 1.2 * float(np.abs(np.diff(tone(0.4).samples)).max())
    assert speech.seconds == pytest.approx(1.0, abs=0.01)
    assert [word.start_seconds for word in speech.words] == pytest.approx([0.1, 0.5], abs=0.001)


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal", "espeak-en-us"])
@pytest.mark.parametrize("index", [0, 7, 13])
def test_pause_is_heard(neutral: Voices, voice: str, index: int) -> None:
    before = neutral[voice][0]
    after = with_pauses(before, [(index, 0.8)])
    assert longest_silence_seconds(after.samples, after.sample_rate_hz) == pytest.approx(0.8, abs=0.15)
    gaps = np.diff([0.0, *(edge for w in after.words for edge in (w.start_seconds, w.end_seconds)), after.seconds])
    assert gaps[2 * index] == pytest.approx(0.8, abs=0.01)
    assert after.seconds > before.seconds
    assert (gaps >= -1e-6).all()


def test_pauses_at_one_place_add_up(neutral: Voices) -> None:
    speech = with_pauses(neutral["slt"][0], [(3, 0.5), (3, 0.7)])
    assert longest_silence_seconds(speech.samples, speech.sample_rate_hz) == pytest.approx(1.2, abs=0.1)


def test_nothing_asked_nothing_done(neutral: Voices) -> None:
    speech = neutral["slt"][0]
    assert with_pauses(speech, []) is speech
    assert with_pauses(speech, [(2, 0.0)]) is speech


def test_pause_without_words() -> None:
    speech = with_pauses(Speech(np.zeros(0, np.float32), RATE, ()), [(0, 0.5)])
    assert speech.seconds == pytest.approx(0.5)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 1000])
def test_fades_of_any_length(count: int) -> None:
    samples = np.ones(count, np.float32)
    assert len(faded(samples, RATE)) == count
    assert (samples == 1).all()
