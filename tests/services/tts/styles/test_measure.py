import numpy as np
import pytest

from services.tts.styles.measure import manner

RATE = 16_000


def voice(f0_hz: np.ndarray, *, brightness: float = 1.0) -> np.ndarray:
    """Harmonics that fall off with their number, the faster the lower the brightness."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / RATE
    sound = sum(np.sin(n * phase) / n ** (2.0 / brightness) for n in range(1, 25))
    return (0.1 * sound).astype(np.float32)


def glide(low_hz: float, high_hz: float, seconds: float = 2.0) -> np.ndarray:
    return np.geomspace(low_hz, high_hz, round(seconds * RATE))


def test_pitch_and_range() -> None:
    measured = manner(voice(glide(100, 200)), RATE)
    assert measured.f0_hz == pytest.approx(141, rel=0.03)
    assert measured.f0_range_semitones == pytest.approx(0.8 * 12, rel=0.1)


def test_pauses_and_ends_do_not_count_as_active() -> None:
    sound, pause = voice(glide(120, 130, 1.0)), np.zeros(RATE, np.float32)
    measured = manner(np.concatenate([pause, sound, pause, sound, pause]), RATE)
    assert measured.active_seconds == pytest.approx(2.0, abs=0.1)


def test_level_and_tilt() -> None:
    dark, bright = (manner(voice(glide(120, 130), brightness=value), RATE) for value in (0.8, 1.6))
    assert bright.tilt_db > dark.tilt_db + 5
    louder = manner(2 * voice(glide(120, 130), brightness=0.8), RATE)
    assert louder.level_db - dark.level_db == pytest.approx(6.02, abs=0.05)
    assert louder.tilt_db == pytest.approx(dark.tilt_db, abs=0.05)


def test_silence_has_no_manner() -> None:
    with pytest.raises(ValueError, match="no voiced speech"):
        manner(np.zeros(RATE, np.float32), RATE)
