"""The engines for tests: the same sound, the same answer; none for silence; one that is slow, one that fails."""

import time

import numpy as np
import pytest

from services.speaker.answers import SpeakerAnswer
from services.speaker.engine import Task
from services.speaker.engines.fake import Failing, Fake, Slow
from services.speaker.judging import Judging, Model
from shared.audio import Samples, Sound
from shared.problems import EngineFailed
from tests.sounds import buzz, silence


def joined(*sounds: Sound) -> Samples:
    return np.concatenate([sound.samples for sound in sounds])


def judge(samples: Samples, kind: type[Fake] = Fake) -> SpeakerAnswer:
    tasks: list[Task] = ["speaker-gender", "speaker-age"]
    models = [Model(f"{task}/1", task, kind(task)) for task in tasks]
    judging = Judging(models, lambda model, frames: model.engine.hear(frames))
    for _ in judging.feed(samples):
        pass
    return judging.finish(segments=False)


@pytest.mark.parametrize("pitch_hz", [85, 110, 130, 190, 220, 280])
def test_high_voices_are_womens_and_low_ones_mens(pitch_hz: float) -> None:
    answer = judge(buzz(pitch_hz, 2).samples)
    assert answer.gender.label == ("female" if pitch_hz > 165 else "male")
    assert answer.speech_seconds == pytest.approx(2, abs=0.05)


def test_higher_is_younger() -> None:
    ages = [judge(buzz(pitch_hz, 2).samples).age for pitch_hz in (80, 120, 160, 240, 320)]
    years = [age.years for age in ages if age.years and age.interval and age.interval[0] < age.years < age.interval[1]]
    assert len(years) == 5
    assert years == sorted(years, reverse=True)


def test_real_voices(woman: Sound, man: Sound) -> None:
    for sound, label in ((woman, "female"), (man, "male")):
        answer = judge(sound.samples)
        assert answer.gender.label == label
        assert 0.5 * sound.seconds < answer.speech_seconds < sound.seconds


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (silence(5).samples, "no_speech"),
        (silence(0).samples, "no_speech"),
        (buzz(120, 0.01).samples, "no_speech"),  # less than a step
        (buzz(120, 0.9).samples, "too_little_speech"),
        (joined(silence(3), buzz(120, 0.5), silence(3)), "too_little_speech"),
    ],
)
def test_abstains_on_too_little_speech(samples: Samples, reason: str) -> None:
    answer = judge(samples)
    assert (answer.gender.reason, answer.age.reason) == (reason, reason)
    assert answer.speech_seconds < 1


def test_pauses_are_not_speech() -> None:
    answer = judge(joined(buzz(200, 1), silence(4), buzz(200, 1)))
    assert answer.speech_seconds == pytest.approx(2, abs=0.25)
    assert answer.gender.label == "female"


def test_the_slow_one_takes_as_long_as_the_recording() -> None:
    samples = buzz(120, 1.2).samples
    start = time.monotonic()
    answer = judge(samples, Slow)
    assert time.monotonic() - start >= 1.2
    assert answer == judge(samples)


def test_the_failing_one_fails() -> None:
    with pytest.raises(EngineFailed):
        judge(buzz(120, 2).samples, Failing)
