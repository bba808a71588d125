import pytest

from shared.audio.limits import AudioLimits, Meter
from shared.problems import TooLarge, UnsupportedMedia


def test_the_last_permitted_sample_passes_and_the_next_does_not() -> None:
    meter = Meter(AudioLimits(max_samples=1_000, max_seconds=10))
    meter.count(500, 2, 8_000)
    with pytest.raises(TooLarge) as caught:
        meter.count(1, 1, 8_000)
    assert caught.value.extensions == {"limit": 1_000}


def test_seconds_are_counted_at_each_blocks_own_rate() -> None:
    meter = Meter(AudioLimits(max_seconds=2))
    meter.count(8_000, 1, 8_000)
    meter.count(48_000, 1, 48_000)
    with pytest.raises(TooLarge, match="2 seconds"):
        meter.count(1, 1, 48_000)


def test_bytes_channels_and_rates() -> None:
    limits = AudioLimits(max_bytes=10, max_channels=2)
    limits.check_bytes(10)
    with pytest.raises(TooLarge, match="10 bytes"):
        limits.check_bytes(11)
    with pytest.raises(TooLarge, match="2 channels"):
        Meter(limits).count(1, 3, 8_000)
    for rate_hz in (0, 1, 3_999, 192_001, 768_000):
        with pytest.raises(UnsupportedMedia, match="sample rate"):
            Meter(limits).count(1, 1, rate_hz)
