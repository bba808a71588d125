import numpy as np
import pytest

from services.tts.speech import Speech
from services.tts.styles.change import NO_CHANGE, ProsodyChange
from services.tts.styles.loudness import active_level_db
from services.tts.styles.measure import manner
from services.tts.styles.shape import shape

Voices = dict[str, list[Speech]]

pytestmark = pytest.mark.parametrize("voice", ["slt", "kal", "espeak-en-us"])


def whole(speech: Speech, change: ProsodyChange) -> Speech:
    return shape(speech, [change] * len(speech.words))


def level_db(speech: Speech, word: int) -> float:
    time, rate = speech.words[word], speech.sample_rate_hz
    samples = speech.samples[int(time.start_seconds * rate) : int(time.end_seconds * rate)]
    return float(10 * np.log10(np.mean(np.square(samples))))


def test_no_change_is_the_very_same(neutral: Voices, voice: str) -> None:
    speech = neutral[voice][0]
    assert whole(speech, NO_CHANGE) is speech


@pytest.mark.parametrize("pitch", [0.85, 1.3])
def test_pitch(neutral: Voices, voice: str, pitch: float) -> None:
    before = neutral[voice][0]
    after = whole(before, ProsodyChange(pitch=pitch))
    measured = manner(after.samples, after.sample_rate_hz).f0_hz / manner(before.samples, before.sample_rate_hz).f0_hz
    assert measured == pytest.approx(pitch, rel=0.06)
    assert after.seconds == pytest.approx(before.seconds, abs=0.02)


def test_pitch_range(neutral: Voices, voice: str) -> None:
    narrow, wide = (whole(neutral[voice][0], ProsodyChange(pitch_range=value)) for value in (0.6, 1.6))
    ratio = (
        manner(wide.samples, wide.sample_rate_hz).f0_range_semitones
        / manner(narrow.samples, narrow.sample_rate_hz).f0_range_semitones
    )
    assert ratio == pytest.approx(1.6 / 0.6, rel=0.25)


@pytest.mark.parametrize("rate", [0.7, 1.5])
def test_rate_moves_words_along(neutral: Voices, voice: str, rate: float) -> None:
    before = neutral[voice][0]
    after = whole(before, ProsodyChange(rate=rate))
    assert after.seconds == pytest.approx(before.seconds / rate, rel=0.02)
    for old, new in zip(before.words, after.words, strict=True):
        assert new.start_seconds == pytest.approx(old.start_seconds / rate, abs=0.02)
        assert new.end_seconds <= after.seconds


def test_volume(neutral: Voices, voice: str) -> None:
    before = neutral[voice][0]
    after = whole(before, ProsodyChange(volume_db=6.0))
    louder = active_level_db(after.samples, after.sample_rate_hz) - active_level_db(
        before.samples, before.sample_rate_hz
    )
    assert louder == pytest.approx(6.0, abs=0.7)


def test_tilt_keeps_the_level(neutral: Voices, voice: str) -> None:
    before = neutral[voice][0]
    dark, bright = (whole(before, ProsodyChange(tilt_db=value)) for value in (-5.0, 5.0))
    one, other = (manner(speech.samples, speech.sample_rate_hz) for speech in (dark, bright))
    assert other.tilt_db - one.tilt_db == pytest.approx(10.0, abs=4.0)
    assert other.level_db == pytest.approx(one.level_db, abs=1.0)


def test_one_word_changes_and_its_neighbours_do_not(neutral: Voices, voice: str) -> None:
    before = neutral[voice][0]
    word = 4  # "slowly"
    changes = [ProsodyChange(volume_db=9.0, rate=0.5) if n == word else NO_CHANGE for n in range(len(before.words))]
    after = shape(before, changes)
    assert level_db(after, word) - level_db(before, word) > 6
    assert level_db(after, word + 3) == pytest.approx(level_db(before, word + 3), abs=1.0)
    lengths = [time.end_seconds - time.start_seconds for speech in (before, after) for time in (speech.words[word],)]
    assert lengths[1] / lengths[0] == pytest.approx(2.0, rel=0.25)
    later = [speech.words[word + 3].end_seconds - speech.words[word + 3].start_seconds for speech in (before, after)]
    assert later[1] == pytest.approx(later[0], rel=0.1)


def test_extremes_stay_sound(neutral: Voices, voice: str) -> None:
    for extreme in (1e-6, 1e6):
        shaped = whole(neutral[voice][1], ProsodyChange(rate=extreme, pitch=extreme, pitch_range=extreme))
        assert np.isfinite(shaped.samples).all()
        assert 0.5 < shaped.seconds < 60
