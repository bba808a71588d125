import numpy as np
import pytest

from services.tts.speech import Speech
from services.tts.styles.loudness import CEILING, NEUTRAL_DB, active_level_db, levelled, limited

VOICES = ["slt", "rms", "awb", "kal", "espeak-en-us"]


def test_all_voices_and_sentences_are_equally_loud(neutral: dict[str, list[Speech]]) -> None:
    levels = [active_level_db(s.samples, s.sample_rate_hz) for speeches in neutral.values() for s in speeches]
    assert levels == pytest.approx([NEUTRAL_DB] * len(levels), abs=0.1)


def test_pauses_do_not_count() -> None:
    tone = np.sin(np.arange(16_000) * 0.1).astype(np.float32)
    with_pause = np.concatenate([tone, np.zeros(32_000, np.float32)])
    assert active_level_db(with_pause, 16_000) == pytest.approx(active_level_db(tone, 16_000), abs=0.2)


@pytest.mark.parametrize("samples", [np.zeros(0, np.float32), np.zeros(1_000, np.float32)])
def test_silence_stays_silence(samples: np.ndarray) -> None:
    assert np.array_equal(levelled(Speech(samples, 16_000, ())).samples, samples)


def test_limiter_leaves_what_is_below_its_knee() -> None:
    quiet = np.linspace(-0.5, 0.5, 101, dtype=np.float32)
    assert limited(quiet) is quiet


def test_limiter_bends_smoothly_under_the_ceiling() -> None:
    loud = np.linspace(-4, 4, 10_001, dtype=np.float32)
    bent = limited(loud)
    assert np.abs(bent).max() <= CEILING + 1e-6
    assert (np.diff(bent) >= 0).all()
    assert np.diff(bent).max() <= np.diff(loud).max() * 1.01
    assert bent.dtype == np.float32
