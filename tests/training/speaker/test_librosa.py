"""What imported networks are given equals what librosa computes."""

import numpy as np
import pytest

from services.speaker.mel import MelMean


def test_mean_power_is_librosas() -> None:
    librosa = pytest.importorskip("librosa")
    sound = np.random.default_rng(1).normal(0, 0.1, 40_960).cumsum().astype(np.float32)
    sound = (sound - sound.mean()) / np.abs(sound).max()
    expected = librosa.feature.melspectrogram(y=sound, sr=22_050).mean(axis=1)
    np.testing.assert_allclose(MelMean().of(sound, 22_050), expected, rtol=1e-4, atol=1e-4)
