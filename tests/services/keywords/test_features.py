"""Pictures equal librosa's, kept beside; windows of a long sound are those of its parts."""

import numpy as np
import pytest

from services.keywords.features import KINDS, Features
from tests.services.keywords.librosa_pictures import FOLDER, SOUNDS, assert_equal, sound


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def features(kind: str) -> Features:
    return KINDS[kind]()


@pytest.mark.parametrize("name", list(SOUNDS))
def test_equal_to_librosa(kind: str, features: Features, name: str) -> None:
    expected = np.load(FOLDER / f"{kind}.npy")[list(SOUNDS).index(name)]
    pictures = features.pictures(sound(name, features.sample_rate_hz))
    assert pictures.dtype == np.float32
    assert pictures.shape == (1, *features.shape)
    assert_equal(pictures[0], expected)


def test_each_window_is_as_if_alone(features: Features) -> None:
    tenth = features.sample_rate_hz // 10
    samples = np.concatenate([sound(name, features.sample_rate_hz) for name in SOUNDS])
    pictures = features.pictures(samples, tenth)
    starts = range(0, len(samples) - features.window_samples + 1, tenth)
    alone = [features.pictures(samples[start:])[0] for start in starts]
    assert_equal(pictures, np.stack(alone))


def test_too_short_a_sound_gives_no_picture(features: Features) -> None:
    short = np.zeros(features.window_samples - 1, np.float32)
    for step in (None, features.step_samples):
        assert features.pictures(short, step).shape == (0, *features.shape)
        assert features.pictures(short[:0], step).shape == (0, *features.shape)
