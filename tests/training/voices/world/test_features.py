"""Frames of WORLD, and the sound they make again."""

import numpy as np
import pytest

from services.tts.styles.loudness import active_level_db
from training.voices.world.features import HOP_SECONDS, Frames, analysed, log_f0, sounded, trimmed

RATE_HZ = 16_000


def buzz(f0_hz: float, seconds: float) -> np.ndarray:
    """Return harmonics that fall by 6 dB an octave, as a voice's do."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    harmonics = np.arange(1, int(RATE_HZ / 2 / f0_hz))
    sound = (np.sin(2 * np.pi * f0_hz * harmonics[:, None] * times) / harmonics[:, None]).sum(0)
    return (0.1 * sound).astype(np.float32)


@pytest.mark.parametrize("f0_hz", [90.0, 220.0])
def test_what_is_analysed_sounds_again(f0_hz: float) -> None:
    frames = analysed(buzz(f0_hz, 1.0), RATE_HZ)
    assert frames.spectrum.shape == (len(frames.f0_hz), 60)
    voiced = frames.f0_hz[frames.f0_hz > 0]
    assert len(voiced) > 80
    assert np.median(voiced) == pytest.approx(f0_hz, rel=0.01)
    again = sounded(frames, RATE_HZ)
    assert len(again) / RATE_HZ == pytest.approx(len(frames.f0_hz) * HOP_SECONDS, abs=HOP_SECONDS)
    heard = analysed(again, RATE_HZ).f0_hz
    assert np.median(heard[heard > 0]) == pytest.approx(f0_hz, rel=0.02)


def test_all_recordings_are_as_loud() -> None:
    quiet, loud = (sounded(analysed(buzz(150, 1.0) * gain, RATE_HZ), RATE_HZ) for gain in (0.05, 2.0))
    assert active_level_db(quiet, RATE_HZ) == pytest.approx(active_level_db(loud, RATE_HZ), abs=0.1)


def test_silence_at_the_ends_is_cut() -> None:
    silence = np.zeros(RATE_HZ, np.float32)
    kept = trimmed(np.concatenate([silence, buzz(150, 0.5), silence]), RATE_HZ)
    assert len(kept) / RATE_HZ == pytest.approx(0.5 + 2 * 0.12, abs=0.03)
    assert len(trimmed(silence, RATE_HZ)) == len(silence)


def test_f0_is_drawn_through_what_is_unvoiced() -> None:
    drawn = np.exp(log_f0(np.array([0, 100, 0, 0, 200, 0], np.float32)))
    assert drawn[[0, 1, 4, 5]] == pytest.approx([100, 100, 200, 200])
    assert 100 < drawn[2] < drawn[3] < 200
    assert not log_f0(np.zeros(3, np.float32)).any()


def test_nothing_but_numbers_comes_of_silence() -> None:
    frames = analysed(np.zeros(RATE_HZ // 2, np.float32), RATE_HZ)
    assert all(np.isfinite(part).all() for part in frames)
    assert np.isfinite(sounded(Frames(*frames), RATE_HZ)).all()
