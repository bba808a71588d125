"""Recordings are varied within what they might have been; what is made is no voice."""

import numpy as np
import pytest

from tests.training.speaker.made_voices import RATE_HZ, made_voice
from training.shared.sounds import loudness
from training.speaker.augment import Variation, mixed, varied
from training.speaker.made import made_sound, noise

NOTHING = Variation(room_share=0, line_share=0, equaliser_share=0, noisy_share=0)


@pytest.fixture
def voice() -> np.ndarray:
    return made_voice("female", 1.5, np.random.default_rng(0))


def test_every_variation_is_sound_as_long_as_it_was(voice: np.ndarray) -> None:
    for seed in range(20):
        heard = varied(voice, [voice], Variation(), np.random.default_rng(seed))
        assert heard.shape == voice.shape
        assert heard.dtype == np.float32
        assert np.isfinite(heard).all()
        again = varied(voice, [voice], Variation(), np.random.default_rng(seed))
        np.testing.assert_array_equal(again, heard)


def test_without_variation_nothing_changes(voice: np.ndarray) -> None:
    np.testing.assert_array_equal(varied(voice, [], NOTHING, np.random.default_rng(0)), voice)


def test_a_telephone_leaves_out_what_is_low_and_high(voice: np.ndarray) -> None:
    heard = varied(
        noise(RATE_HZ, np.random.default_rng(0)),
        [],
        Variation(room_share=0, line_share=1, equaliser_share=0, noisy_share=0),
        np.random.default_rng(0),
    )
    power = np.abs(np.fft.rfft(heard)) ** 2
    assert power[6_500:].sum() < power[500:2_500].sum() / 100
    assert power[1:20].sum() < power[500:2_500].sum() / 10


@pytest.mark.parametrize("decibels", [-6, 0, 20])
def test_a_mixture_has_the_ratio_that_is_asked_for(voice: np.ndarray, decibels: float) -> None:
    other = made_voice("male", 1.5, np.random.default_rng(1)) * 0.01
    added = mixed(voice, other, 10 ** (decibels / 20)) - voice
    assert 20 * np.log10(loudness(added) / loudness(voice)) == pytest.approx(decibels, abs=0.1)


def test_what_is_made_is_finite_and_of_every_loudness() -> None:
    made = [made_sound(RATE_HZ, np.random.default_rng(seed)) for seed in range(60)]
    assert {(each.shape, each.dtype) for each in made} == {((RATE_HZ,), np.dtype(np.float32))}
    peaks = np.array([np.abs(each).max() for each in made])
    assert np.isfinite(peaks).all()
    assert peaks.max() <= 1
    assert peaks.min() < 1e-3 < 0.1 < peaks.max()
