import numpy as np
import pytest

from tests.training.voices.listener.made_speech import RATE_HZ, sound
from training.voices.listener.measures import measures


def test_pitch_and_syllables_are_those_that_were_made() -> None:
    measured = measures(sound(200.0, syllables=5))
    assert measured["pitch"] == pytest.approx(12 * np.log2(200 / 55), abs=0.5)
    assert measured["pitch_slope"] == pytest.approx(0.0, abs=1.0)
    assert measured["nuclei_a_second"] == pytest.approx(5 / 1.4, rel=0.15)
    assert measured["voiced_share"] == pytest.approx(1 / 1.5, abs=0.2)


def test_higher_speech_differs_in_pitch_by_as_much() -> None:
    low, high = measures(sound(150.0)), measures(sound(225.0))
    assert high["pitch"] - low["pitch"] == pytest.approx(12 * np.log2(1.5), abs=0.3)


def test_level_is_not_among_what_is_measured() -> None:
    spoken = sound(180.0, noise=1e-3)
    assert measures(0.5 * spoken) == pytest.approx(measures(spoken), abs=0.1, rel=1e-3)


def test_brighter_speech_is_told_by_the_spectrum() -> None:
    spoken = sound(180.0, noise=0.0)
    bright = measures(np.append(spoken[:1], np.diff(spoken)))
    assert bright["alpha_db"] > measures(spoken)["alpha_db"] + 3
    assert bright["centroid_khz"] > measures(spoken)["centroid_khz"]


def test_noise_lowers_the_harmonics() -> None:
    assert measures(sound(180.0, noise=0.03))["harmonics_db"] < measures(sound(180.0))["harmonics_db"] - 3


def test_what_has_no_pitch_is_refused() -> None:
    hiss = np.random.default_rng(1).normal(0, 0.1, RATE_HZ).astype(np.float32)
    with pytest.raises(ValueError, match="no voiced speech"):
        measures(hiss)
    with pytest.raises(ValueError, match="no voiced speech"):
        measures(np.zeros(RATE_HZ, np.float32))
