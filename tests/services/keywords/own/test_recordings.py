"""What a recording is learned from, and why not."""

import numpy as np
import pytest

from services.keywords.engines.fake import Fake
from services.keywords.own.recordings import LONGEST_SECONDS, take_of
from services.keywords.takes import Take, take
from shared.audio import AudioLimits, Sound, encode
from tests.services.keywords.own.conftest import RATE_HZ, WHISTLE_HZ, tone

LIMITS = AudioLimits(max_seconds=LONGEST_SECONDS)


def wav(seconds: float, level: float) -> bytes:
    samples = level * np.random.default_rng(0).normal(size=round(seconds * RATE_HZ)).clip(-3, 3)
    return encode(Sound(samples.astype(np.float32), RATE_HZ), "wav")


@pytest.mark.parametrize(
    ("recording", "reason"),
    [
        (b"", "damaged"),
        (b"nonsense", "damaged"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "damaged"),
        (wav(0.1, 0.1), "too_short"),
        (wav(1, 0), "silent"),
        (wav(1, 1e-4), "silent"),
        (wav(LONGEST_SECONDS + 0.5, 0.1), "too_large"),
    ],
    ids=["empty", "nonsense", "cut", "short", "silence", "faint", "long"],
)
def test_reasons(recording: bytes, reason: str) -> None:
    assert take_of(recording, LIMITS, Fake()) == reason


@pytest.mark.parametrize(("seconds", "windows"), [(0.3, 1), (1.0, 1), (1.05, 1), (1.5, 6), (10.0, 91)])
def test_windows(seconds: float, windows: int) -> None:
    found = take_of(tone(WHISTLE_HZ, seconds), LIMITS, Fake())
    assert isinstance(found, Take)
    assert len(found.embeddings) == len(found.energy) == windows


def test_energy_is_that_of_each_window() -> None:
    samples = np.zeros(3 * RATE_HZ, np.float32)
    samples[2 * RATE_HZ : 2 * RATE_HZ + 800] = 0.5
    energy = take(samples, Fake()).energy
    assert np.flatnonzero(energy > 1e-9).tolist() == list(range(11, 21))
    assert energy.max() == pytest.approx(0.25 * 800)
