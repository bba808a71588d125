import numpy as np
import pytest

from shared.audio import Resampler, Samples, resample


def sine(frequency_hz: float, rate_hz: int, seconds: float = 1.0) -> Samples:
    return (0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(16_000, 24_000), (22_050, 48_000), (48_000, 8_000), (44_100, 16_000)])
def test_a_sine_stays_that_sine(from_hz: int, to_hz: int) -> None:
    got, wanted = resample(sine(440, from_hz), from_hz, to_hz), sine(440, to_hz)
    assert len(got) == len(wanted)
    middle = slice(to_hz // 10, -to_hz // 10)
    assert np.abs(got - wanted)[middle].max() < 1e-4


def test_what_the_new_rate_cannot_hold_is_removed() -> None:
    assert np.abs(resample(sine(7_000, 48_000), 48_000, 8_000)[800:-800]).max() < 1e-4


@pytest.mark.parametrize("step", [1, 37, 1_600, 100_000])
def test_pieces_give_what_the_whole_gives(step: int) -> None:
    whole = sine(440, 16_000, 0.2)
    stream = Resampler(16_000, 24_000)
    pieces = [stream.feed(whole[start : start + step]) for start in range(0, len(whole), step)]
    assert np.array_equal(np.concatenate([*pieces, stream.finish()]), resample(whole, 16_000, 24_000))


def test_the_same_rate_changes_nothing() -> None:
    whole = sine(440, 16_000)
    assert resample(whole, 16_000, 16_000) is whole
    assert len(resample(np.zeros(0, np.float32), 16_000, 24_000)) == 0
