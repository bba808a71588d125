"""Variation changes what it says, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from training.keywords.augment import Augmenter, Variation

STILL = Variation(
    shift_frames=0, speed=0, tract=0, tilt_decibels=0, gain_decibels=0, noisy_share=0, masks=0, noise_decibels=(0, 0)
)
CLIPS = np.random.default_rng(0).uniform(0.1, 1, (3, 98, 40)).astype(np.float32)
NOISE = np.full((3, 98, 40), 2.0, np.float32)


def varied(variation: Variation, clips: np.ndarray = CLIPS) -> np.ndarray:
    augmenter = Augmenter(variation, lowest_hz=20.0, highest_hz=7_600.0)
    return augmenter.varied(clips, NOISE, np.random.default_rng(1))


def test_nothing_changes_without_variation() -> None:
    assert varied(STILL) == pytest.approx(np.log(CLIPS + 1e-6), abs=1e-4)


def test_a_shift_moves_frames_and_brings_silence_in() -> None:
    moved = varied(replace(STILL, shift_frames=10))
    edges = moved[:, [0, -1]].max(axis=2)
    assert (edges.min(axis=1) < -4).all()
    assert (np.abs(moved[:, 40:60]).max(axis=2) < 5).all()


def test_noise_has_the_power_that_was_asked_for() -> None:
    noisy = np.exp(varied(replace(STILL, noisy_share=1.0)))
    added = (noisy - CLIPS).mean(axis=(1, 2))
    assert added == pytest.approx(CLIPS.mean(axis=(1, 2)), rel=0.01)


def test_gain_is_the_same_everywhere_in_a_clip() -> None:
    gain = varied(replace(STILL, gain_decibels=12)) - np.log(CLIPS)
    assert gain.std(axis=(1, 2)) == pytest.approx(0, abs=1e-3)
    assert np.abs(gain).max() <= 12 / 10 * np.log(10) + 1e-3
    assert len(set(gain[:, 0, 0].round(3).tolist())) == 3


def test_a_tilt_raises_one_end_of_the_spectrum_by_what_it_lowers_the_other() -> None:
    tilt = varied(replace(STILL, tilt_decibels=6)) - np.log(CLIPS)
    assert tilt[:, 0, 0] == pytest.approx(-tilt[:, 0, -1], abs=1e-3)


def test_a_longer_vocal_tract_moves_a_formant() -> None:
    formant = np.full((64, 98, 40), 1e-3, np.float32)
    formant[:, :, 20] = 1.0
    augmenter = Augmenter(replace(STILL, tract=0.2), 20.0, 7_600.0)
    found = augmenter.varied(formant, np.ones_like(formant), np.random.default_rng(2))[:, 50].argmax(axis=1)
    assert found.min() < 20 < found.max()


def test_masks_are_stripes_of_the_mean() -> None:
    masked = varied(replace(STILL, masks=2, mask_frames=10, mask_bands=5))
    changed = ~np.isclose(masked, np.log(CLIPS + 1e-6), atol=1e-4)
    assert changed.any()
    for picture, where in zip(masked, changed, strict=True):
        whole_frames, whole_bands = where.mean(axis=1) > 0.9, where.mean(axis=0) > 0.9
        assert where[~whole_frames][:, ~whole_bands].sum() == 0
        assert len(set(picture[where].round(3).tolist())) <= 2
