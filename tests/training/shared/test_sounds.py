"""Recordings are read, mended and fitted."""

import struct
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

from services.keywords.takes import is_silent
from tests.training.keywords.conftest import RATE_HZ, Write
from training.shared.sounds import Damaged, Outcome, fit, numbers, read_sound


class TestReadSound:
    """Whatever the rate, the channels and the format."""

    @pytest.mark.parametrize("suffix", ["wav", "flac"])
    def test_sixteen_bits_come_back_as_they_were(self, data: Path, write: Write, suffix: str) -> None:
        written = write(f"yes/a.{suffix}", level=32_767)
        np.testing.assert_array_equal(numbers(read_sound(data / f"yes/a.{suffix}", RATE_HZ, 60)), written)

    def test_opus_is_read(self, data: Path) -> None:
        tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE_HZ) / RATE_HZ)
        soundfile.write(data / "a.opus", tone, RATE_HZ, format="OGG", subtype="OPUS")
        samples = read_sound(data / "a.opus", RATE_HZ, 60)
        assert len(samples) == RATE_HZ
        assert np.corrcoef(samples, tone)[0, 1] > 0.95

    def test_other_rates_and_channels_become_mono_at_the_rate(self, data: Path) -> None:
        seconds = np.arange(44_100) / 44_100
        left, right = (0.4 * np.sin(2 * np.pi * hz * seconds) for hz in (440, 550))
        soundfile.write(data / "a.wav", np.stack([left, right], axis=1), 44_100, "FLOAT")
        at_rate = np.arange(RATE_HZ) / RATE_HZ
        expected = 0.2 * (np.sin(2 * np.pi * 440 * at_rate) + np.sin(2 * np.pi * 550 * at_rate))
        samples = read_sound(data / "a.wav", RATE_HZ, 60)
        assert samples.dtype == np.float32
        np.testing.assert_allclose(samples[500:-500], expected[500:-500], atol=1e-3)

    def test_no_more_is_read_than_asked_for(self, data: Path, write: Write) -> None:
        write("a.wav", 5 * RATE_HZ)
        assert len(read_sound(data / "a.wav", RATE_HZ, 2)) == 2 * RATE_HZ

    @pytest.mark.parametrize("content", [b"", b"RIFF", b"no sound at all" * 100])
    def test_what_is_no_sound(self, data: Path, content: bytes) -> None:
        (data / "a.wav").write_bytes(content)
        with pytest.raises(Damaged):
            read_sound(data / "a.wav", RATE_HZ, 60)

    def test_missing_empty_and_not_finite(self, data: Path, write: Write) -> None:
        write("empty.wav", 0)
        soundfile.write(data / "nan.wav", np.array([0.1, np.nan, 0.1]), RATE_HZ, "FLOAT")
        for file in ("missing.wav", "empty.wav", "nan.wav"):
            with pytest.raises(Damaged):
                read_sound(data / file, RATE_HZ, 60)

    def test_a_rate_of_no_sound(self, data: Path, write: Write) -> None:
        write("a.wav")
        content = bytearray((data / "a.wav").read_bytes())
        content[24:28] = struct.pack("<I", 1)
        (data / "a.wav").write_bytes(content)
        with pytest.raises(Damaged, match="1 Hz"):
            read_sound(data / "a.wav", RATE_HZ, 60)

    @pytest.mark.parametrize("percent", [1, 50, 99])
    def test_a_part_of_a_flac_is_read_as_far_as_it_goes_or_damaged(
        self, data: Path, write: Write, percent: int
    ) -> None:
        write("a.flac")
        content = (data / "a.flac").read_bytes()
        (data / "a.flac").write_bytes(content[: len(content) * percent // 100])
        with suppress(Damaged):
            assert 0 < len(read_sound(data / "a.flac", RATE_HZ, 60)) <= RATE_HZ


class TestFit:
    """One window, whatever the length."""

    def test_short_sound_stands_in_the_middle(self) -> None:
        fitted, outcome = fit(np.ones(5, np.float32), 10, 1_000)
        assert outcome is Outcome.PADDED
        assert fitted.tolist() == [0, 0, 1, 1, 1, 1, 1, 0, 0, 0]

    def test_a_window_stays_as_it_is(self) -> None:
        samples = np.arange(10, dtype=np.float32)
        fitted, outcome = fit(samples, 10, 1_000)
        assert outcome is Outcome.WHOLE
        np.testing.assert_array_equal(fitted, samples)

    def test_long_sound_is_cut_to_its_loudest_part(self) -> None:
        samples = np.full(5 * RATE_HZ, 0.01, np.float32)
        samples[40_000:52_000] = 0.5
        fitted, outcome = fit(samples, RATE_HZ, RATE_HZ)
        assert outcome is Outcome.CUT
        assert len(fitted) == RATE_HZ
        assert (fitted == 0.5).sum() == 12_000

    def test_the_loudest_part_may_be_the_last(self) -> None:
        samples = np.zeros(2 * RATE_HZ, np.float32)
        samples[-100:] = 0.5
        assert (fit(samples, RATE_HZ, RATE_HZ)[0] == 0.5).sum() == 100


def test_silence_is_what_nobody_hears() -> None:
    assert is_silent(np.full(100, 0.0009, np.float32))
    assert not is_silent(np.array([0, 0, -0.002], np.float32))


def test_numbers_do_not_wrap_around() -> None:
    assert numbers(np.array([1.0, 1.5, -1.0, -7.0], np.float32)).tolist() == [32_767, 32_767, -32_768, -32_768]
