"""What is served equals what librosa of the training environment computes, for many sounds."""

import numpy as np
import pytest

from services.keywords.features import KINDS
from tests.services.keywords.librosa_pictures import FOLDER, SOUNDS, assert_equal, librosa_picture, sound

pytest.importorskip("librosa")


@pytest.mark.parametrize("kind", sorted(KINDS))
class TestLibrosa:
    """Against the library itself."""

    def test_kept_pictures_are_its_own(self, kind: str) -> None:
        rate_hz = KINDS[kind]().sample_rate_hz
        fresh = [librosa_picture(kind, sound(name, rate_hz)) for name in SOUNDS]
        assert_equal(np.load(FOLDER / f"{kind}.npy"), np.stack(fresh))

    def test_features_are_equal_at_any_loudness(self, kind: str) -> None:
        features = KINDS[kind]()
        for level in (1.0, 0.1, 1e-3, 1e-5):
            for name in SOUNDS:
                samples = np.roll(sound(name, features.sample_rate_hz), 777) * np.float32(level)
                assert_equal(features.pictures(samples)[0], librosa_picture(kind, samples))
