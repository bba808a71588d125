"""Polly's effects, measured on real voices."""

import numpy as np
import pytest
from numpy.typing import NDArray

from services.tts.rendering import _shaped
from services.tts.speech import Speech
from services.tts.styles.change import effects_change
from services.tts.styles.loudness import CEILING, active_level_db, levelled
from services.tts.styles.measure import manner
from services.tts.styles.shape import shape
from services.tts.styles.world import f0_of, pyworld
from shared.text.document import Effects

pytestmark = pytest.mark.parametrize("voice", ["slt", "espeak-en-us"])


def with_effects(speech: Speech, **effects: object) -> Speech:
    change = effects_change(Effects(**effects))  # type: ignore[arg-type]
    return shape(levelled(speech), [change] * len(speech.words))


def envelope_db(speech: Speech) -> NDArray[np.float64]:
    """Return the mean spectral envelope of what is voiced."""
    sound, rate_hz = speech.samples.astype(np.float64), speech.sample_rate_hz
    f0, times = f0_of(sound, rate_hz, (60.0, 500.0), 0.005)
    power = pyworld.cheaptrick(sound, f0, times, rate_hz)
    mean_db: NDArray[np.float64] = 10 * np.log10(power[f0 > 0]).mean(axis=0)
    return mean_db


def tract_length(changed: Speech, same: Speech) -> float:
    """Return the factor by which the frequencies of one envelope have to be stretched to give the other."""
    one, other = envelope_db(changed), envelope_db(same)
    bins = np.arange(len(one))
    inside = slice(len(one) // 40, len(one) // 2)
    factors = np.linspace(0.6, 1.6, 101)
    stretched = [np.interp(bins * factor, bins, other)[inside] for factor in factors]
    return float(factors[np.argmax([np.corrcoef(one[inside], each)[0, 1] for each in stretched])])


@pytest.fixture
def speech(neutral: dict[str, list[Speech]], voice: str) -> Speech:
    return neutral[voice][0]


def test_a_whisper_has_no_voice(speech: Speech) -> None:
    whispered = with_effects(speech, whispered=True)

    def voiced(one: Speech) -> float:
        f0, _ = f0_of(one.samples.astype(np.float64), one.sample_rate_hz, (60.0, 500.0), 0.005)
        return float((f0 > 0).mean())

    assert voiced(speech) > 0.4
    assert voiced(whispered) < 0.1
    assert whispered.seconds == pytest.approx(speech.seconds, abs=0.05)
    levels = [active_level_db(one.samples, one.sample_rate_hz) for one in (levelled(speech), whispered)]
    assert -14 < levels[1] - levels[0] < -2


def test_one_word_may_be_whispered(speech: Speech) -> None:
    changes = [effects_change(Effects(whispered=index == 2)) for index in range(len(speech.words))]
    part = shape(levelled(speech), changes)
    word = part.words[2]
    start, end = (int(seconds * part.sample_rate_hz) for seconds in (word.start_seconds, word.end_seconds))
    assert manner(part.samples, part.sample_rate_hz).f0_hz > 0
    f0, times = f0_of(part.samples.astype(np.float64), part.sample_rate_hz, (60.0, 500.0), 0.005)
    inside = (times > word.start_seconds + 0.06) & (times < word.end_seconds - 0.06)
    assert end > start
    assert (f0[inside] > 0).mean() < 0.2


def test_a_soft_voice_is_darker_and_softer(speech: Speech) -> None:
    soft = with_effects(speech, soft=True)
    before, after = (manner(one.samples, one.sample_rate_hz) for one in (levelled(speech), soft))
    assert after.tilt_db < before.tilt_db - 2
    assert after.level_db < before.level_db - 2
    assert after.f0_hz == pytest.approx(before.f0_hz, rel=0.02)


@pytest.mark.parametrize("length", [1.2, 0.8])
def test_another_tract_moves_formants_and_not_the_pitch(speech: Speech, length: float) -> None:
    changed, same = with_effects(speech, tract_length=length), with_effects(speech, tract_length=1.0001)
    assert tract_length(changed, same) == pytest.approx(length, abs=0.06)
    one, other = (manner(each.samples, each.sample_rate_hz).f0_hz for each in (changed, same))
    assert one == pytest.approx(other, rel=0.05)


def test_compressed_speech_is_louder_with_no_higher_peaks(speech: Speech) -> None:
    def shaped(**effects: bool) -> Speech:
        return _shaped(speech, [effects_change(Effects(**effects))] * len(speech.words), [])

    plain, compressed = shaped(), shaped(compressed=True)
    levels = [active_level_db(one.samples, one.sample_rate_hz) for one in (plain, compressed)]
    assert levels[1] > levels[0] + 3
    assert np.abs(compressed.samples).max() <= CEILING
    peaks = [20 * np.log10(np.abs(one.samples).max()) for one in (plain, compressed)]
    assert peaks[1] - peaks[0] < levels[1] - levels[0]
