"""The engines for tests: the same sound, the same answer; none for silence; one that is slow, one that fails."""

import time

import numpy as np
import pytest

from services.speaker.engine import AgeEstimate, GenderScores
from services.speaker.engines.fake import Failing, Fake, Slow
from shared.audio import Samples, Sound
from shared.problems import EngineFailed
from tests.sounds import buzz, silence


def joined(*sounds: Sound) -> Samples:
    return np.concatenate([sound.samples for sound in sounds])


@pytest.mark.parametrize("pitch_hz", [85, 110, 140, 190, 220, 280])
def test_high_voices_are_womens_and_low_ones_mens(pitch_hz: float) -> None:
    judgement = Fake().judge(buzz(pitch_hz, 2).samples)
    assert isinstance(judgement.gender, GenderScores)
    assert (judgement.gender.female > 0.5) is (pitch_hz > 165)
    assert judgement.speech_seconds == 2.0


def test_higher_is_younger() -> None:
    ages = [Fake().judge(buzz(pitch_hz, 2).samples).age for pitch_hz in (80, 120, 160, 240, 320)]
    years = [age.years for age in ages if isinstance(age, AgeEstimate)]
    assert len(years) == 5
    assert years == sorted(years, reverse=True)
    assert all(age.interval_years[0] < age.years < age.interval_years[1] for age in ages)  # type: ignore[union-attr]


def test_real_voices(woman: Sound, man: Sound) -> None:
    for sound, is_female in ((woman, True), (man, False)):
        judgement = Fake().judge(sound.samples)
        assert isinstance(judgement.gender, GenderScores)
        assert (judgement.gender.female > 0.5) is is_female
        assert 0.5 * sound.seconds < judgement.speech_seconds < sound.seconds


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (silence(5).samples, "no_speech"),
        (silence(0).samples, "no_speech"),
        (buzz(120, 5, level=0.0005).samples, "no_speech"),
        (buzz(120, 0.01).samples, "no_speech"),  # less than a frame
        (buzz(120, 0.9).samples, "too_little_speech"),
        (joined(silence(3), buzz(120, 0.5), silence(3)), "too_little_speech"),
    ],
)
def test_abstains_on_too_little_speech(samples: Samples, reason: str) -> None:
    judgement = Fake().judge(samples)
    assert (judgement.gender, judgement.age) == (reason, reason)
    assert judgement.speech_seconds < 1


def test_pauses_are_not_speech() -> None:
    judgement = Fake().judge(joined(buzz(200, 1), silence(4), buzz(200, 1)))
    assert judgement.speech_seconds == 2.0
    assert judgement.gender == Fake().judge(buzz(200, 2).samples).gender


def test_the_slow_one_takes_as_long_as_the_recording() -> None:
    samples = buzz(120, 1.2).samples
    start = time.monotonic()
    judgement = Slow().judge(samples)
    assert time.monotonic() - start >= 1.2
    assert judgement == Fake().judge(samples)


def test_the_failing_one_fails() -> None:
    with pytest.raises(EngineFailed):
        Failing().judge(buzz(120, 2).samples)
