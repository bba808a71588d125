"""The emotion of speech, measured on the sound: the direction for each voice, at least half of what actors do."""

import math
from statistics import fmean

import numpy as np
import pytest

from services.tts.speech import Speech
from services.tts.styles.change import NO_CHANGE
from services.tts.styles.emotion import emotion_change, measured_change
from services.tts.styles.loudness import CEILING
from services.tts.styles.measure import manner
from shared.text.document import EMOTIONS

VOICES = ["slt", "rms", "awb", "kal", "espeak-en-us"]
Styled = dict[tuple[str, str], list[Speech]]


def against_neutral(styled: Styled, voice: str, emotion: str) -> dict[str, float]:
    """The mean change over the sentences; factors as logarithms."""
    pairs = [
        [manner(speech.samples, speech.sample_rate_hz) for speech in both]
        for both in zip(styled[voice, emotion], styled[voice, "neutral"], strict=True)
    ]
    return {
        "rate": fmean(math.log(base.active_seconds / other.active_seconds) for other, base in pairs),
        "pitch": fmean(math.log(other.f0_hz / base.f0_hz) for other, base in pairs),
        "pitch_range": fmean(math.log(other.f0_range_semitones / base.f0_range_semitones) for other, base in pairs),
        "volume_db": fmean(other.level_db - base.level_db for other, base in pairs),
        "tilt_db": fmean(other.tilt_db - base.tilt_db for other, base in pairs),
    }


@pytest.mark.parametrize("voice", VOICES)
class TestVoices:
    def test_angry(self, styled: Styled, voice: str) -> None:
        heard, actors = against_neutral(styled, voice, "angry"), measured_change("angry")
        assert heard["volume_db"] >= actors.volume_db / 2
        assert heard["pitch"] >= math.log(actors.pitch) / 2
        assert heard["pitch_range"] >= math.log(actors.pitch_range) / 2
        assert heard["tilt_db"] > 0
        assert heard["rate"] > 0.05  # actors are slower here, listeners expect faster: see emotion.py

    def test_sad(self, styled: Styled, voice: str) -> None:
        heard, actors = against_neutral(styled, voice, "sad"), measured_change("sad")
        assert heard["volume_db"] <= actors.volume_db / 2
        assert heard["pitch"] <= math.log(actors.pitch) / 2 + 0.01
        assert heard["pitch_range"] <= math.log(actors.pitch_range) / 2
        assert heard["rate"] <= math.log(actors.rate) / 2
        assert heard["tilt_db"] < 0

    def test_peaks_stay_under_the_ceiling(self, styled: Styled, voice: str) -> None:
        assert max(np.abs(speech.samples).max() for speech in styled[voice, "angry"]) <= CEILING + 1e-6


def test_neutral_changes_nothing() -> None:
    assert emotion_change("neutral", 2.0) == NO_CHANGE


@pytest.mark.parametrize("emotion", EMOTIONS[1:])
def test_intensity_grows_the_change(emotion: str) -> None:
    assert emotion_change(emotion, 0) == NO_CHANGE
    half, full = (emotion_change(emotion, intensity) for intensity in (0.5, 1.0))
    assert half != full
    assert abs(math.log(half.pitch)) <= abs(math.log(full.pitch))
    assert abs(half.volume_db) <= abs(full.volume_db)


@pytest.mark.parametrize("emotion", EMOTIONS[1:])
def test_less_than_none_is_the_other_way(emotion: str) -> None:
    undone = emotion_change(emotion, 0.5).then(emotion_change(emotion, -0.5))
    assert undone.pitch == pytest.approx(1)
    assert (undone.volume_db, undone.tilt_db) == pytest.approx((0, 0))


@pytest.mark.parametrize("emotion", EMOTIONS[1:])
@pytest.mark.parametrize("intensity", [0.01, 2.0, 100.0])
def test_no_intensity_breaks_a_voice(emotion: str, intensity: float) -> None:
    change = emotion_change(emotion, intensity)
    assert 0.7 <= change.rate <= 1.35
    assert 0.7 <= change.pitch <= 1.7
    assert 0.4 <= change.pitch_range <= 2.0
    assert -10 <= change.volume_db <= 9


@pytest.mark.parametrize("emotion", [name for name in EMOTIONS[1:] if name != "excited"])
def test_at_least_half_of_what_actors_do(emotion: str) -> None:
    made, actors = emotion_change(emotion), measured_change(emotion)
    assert abs(math.log(made.pitch)) >= abs(math.log(actors.pitch)) / 2
    assert abs(math.log(made.pitch_range)) >= abs(math.log(actors.pitch_range)) / 2
    assert abs(made.volume_db) >= abs(actors.volume_db) / 2
    assert abs(made.tilt_db) >= abs(actors.tilt_db) / 2


def test_unknown_emotion() -> None:
    with pytest.raises(KeyError):
        emotion_change("hungry")
