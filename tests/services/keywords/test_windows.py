"""Windows of sound that comes piece by piece are those of the whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.keywords.features import Features, LogMel, Pictures, Samples
from services.keywords.mfcc import Mfcc
from services.keywords.windows import FramedWindows, WholeWindows, step_samples_of, windows_of

SOUND = np.random.default_rng(3).normal(scale=0.1, size=50_000).astype(np.float32)


class Plain:
    """Features of which nothing is known but their pictures."""

    sample_rate_hz, window_samples, step_samples, shape = 8_000, 1_000, 7, (10, 100)

    def pictures(self, samples: Samples, step_samples: int | None = None) -> Pictures:
        starts = range(0, len(samples) - self.window_samples + 1, step_samples or len(samples))
        return np.array([samples[start : start + 1_000].reshape(10, 100) for start in starts]).reshape(-1, 10, 100)


@pytest.mark.parametrize(
    ("features", "kind"),
    [(LogMel(), FramedWindows), (Plain(), WholeWindows), (Mfcc(bands=20, frame_samples=512), WholeWindows)],
)
@given(cuts=st.lists(st.integers(0, len(SOUND)), max_size=40))
@settings(deadline=None, max_examples=20)
def test_cuts_change_nothing(features: Features, kind: type, cuts: list[int]) -> None:
    step = step_samples_of(features, 0.1)
    windows = windows_of(features, step)
    assert isinstance(windows, kind)
    pieces = [np.array(windows.feed(piece)) for piece in np.split(SOUND, sorted(cuts))]
    whole = features.pictures(SOUND, step)
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-4)
    assert len(whole) == 1 + (len(SOUND) - features.window_samples) // step


def test_each_frame_is_computed_once() -> None:
    computed = 0

    class Counting(LogMel):
        def frames(self, samples: Samples) -> Samples:
            nonlocal computed
            frames = super().frames(samples)
            computed += len(frames)
            return frames

    windows = windows_of(Counting(), 1_600)
    for piece in np.array_split(SOUND, 500):
        windows.feed(piece)
    assert computed == len(LogMel().frames(SOUND))


@pytest.mark.parametrize(("step_samples", "expected"), [(1, 800), (7, 798), (160, 800), (512, 1_024), (5_000, 5_000)])
def test_the_step_is_a_multiple_of_the_features_own(step_samples: int, expected: int) -> None:
    features = Plain()
    features.step_samples = step_samples
    assert step_samples_of(features, 0.1) == expected
