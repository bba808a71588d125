"""Figures of sounds of which it is known how they differ."""

import numpy as np
import pytest
import soxr

pytest.importorskip("librosa")

from services.tts.styles.measure import Manner
from shared.audio.sound import Samples
from training.voices.evaluate.analysis import FRAME_SECONDS, RATE_HZ, analysed, difference
from training.voices.evaluate.emotions import Said, change

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def vowels(f0_hz: float = 150.0, factor: float = 1.0) -> Samples:
    """Return two seconds of vowels whose pitch and spectrum move, `factor` times as fast, between silences."""
    seconds = np.arange(int(2 * RATE_HZ / factor)) / RATE_HZ * factor
    hz = f0_hz * 2 ** (0.3 * np.sin(2 * np.pi * seconds))
    phase = 2 * np.pi * np.cumsum(hz) / RATE_HZ
    opening = 0.6 + 0.4 * np.sin(3 * np.pi * seconds)
    sound = sum(np.sin(number * phase) * opening**number / number for number in range(1, 20))
    ends = np.zeros(RATE_HZ // 4)
    noise = np.random.default_rng(1).normal(0, 1e-4, 2 * len(ends) + len(seconds))
    return (0.1 * np.concatenate([ends, sound, ends]) + noise).astype(np.float32)


class TestDifference:
    def test_of_a_sound_and_itself_is_none(self) -> None:
        heard = analysed(vowels())
        found = difference(heard, heard)
        assert (found.f0_semitones, found.f0_range_ratio, found.mel_cepstral_distance_db) == (0, 1, 0)
        assert found.f0_correlation == pytest.approx(1)
        assert found.level_correlation == pytest.approx(1)

    def test_of_level_alone_is_none(self) -> None:
        found = difference(analysed(vowels() / 4), analysed(vowels()))
        assert found.mel_cepstral_distance_db < 0.5

    def test_of_speed_is_undone_by_alignment(self) -> None:
        slow, fast = analysed(vowels(factor=0.8)), analysed(vowels(factor=1.25))
        assert len(slow.f0_hz) / len(fast.f0_hz) == pytest.approx(1.25 / 0.8, rel=0.05)
        found = difference(slow, fast)
        assert found.f0_correlation
        assert found.f0_correlation > 0.9
        assert (
            found.mel_cepstral_distance_db
            < difference(slow, analysed(soxr.resample(vowels(), 5, 4))).mel_cepstral_distance_db
        )

    def test_of_pitch_is_told_in_semitones(self) -> None:
        found = difference(analysed(vowels(f0_hz=200)), analysed(vowels(f0_hz=150)))
        assert found.f0_semitones == pytest.approx(12 * np.log2(200 / 150), abs=0.3)
        assert found.f0_range_ratio == pytest.approx(1, abs=0.1)


class TestAnalysis:
    def test_leaves_out_the_silence_at_the_ends(self) -> None:
        assert len(analysed(vowels()).f0_hz) * FRAME_SECONDS == pytest.approx(2, abs=0.2)

    @pytest.mark.parametrize("samples", [np.zeros(RATE_HZ), np.random.default_rng(0).normal(0, 0.1, RATE_HZ)])
    def test_of_what_is_no_voice_is_refused(self, samples: Samples) -> None:
        with pytest.raises(ValueError, match="no voiced speech"):
            analysed(samples.astype(np.float32))


class TestChange:
    @staticmethod
    def said(words: str, f0_hz: float, seconds: float = 1.0, level_db: float = -20.0) -> Said:
        return Said(words, Manner(f0_hz, 4.0, seconds, level_db, -10.0))

    def test_is_that_of_the_medians(self) -> None:
        angry = [self.said("abcd", 200, 0.5, -14), self.said("efgh", 220, 0.5, -14), self.said("ijkl", 240, 0.5, -14)]
        calm = [self.said("mnop", 110), self.said("qrst", 110), self.said("uvwx", 500)]
        found = change(angry, calm)
        assert (found.f0_semitones, found.level_db, found.rate_ratio) == pytest.approx((12, 6, 2))

    def test_is_of_the_same_sentences_where_there_are_some(self) -> None:
        angry = [self.said(words, 220) for words in "abc"] + [self.said("d", 1_000)] * 9
        calm = [self.said(words, 110) for words in "abc"] + [self.said("e", 10)] * 9
        assert change(angry, calm).f0_semitones == pytest.approx(12)
