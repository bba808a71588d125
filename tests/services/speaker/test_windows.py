"""Windows tile a recording: each part counts once, however it is cut into pieces, and little is held."""

import numpy as np
import pytest

from services.speaker.features import VoiceFeatures
from services.speaker.windows import MOST_WINDOWS, Cut, Cutter, Windows
from shared.audio import Samples
from tests.sounds import buzz

CUT = Cut(VoiceFeatures(), 160)
PIECE = 15 * CUT.hop_samples
EXTRA = CUT.window_samples - CUT.hop_samples


def cut(samples: Samples, block_samples: int = 65_536) -> list[Windows]:
    cutter, found = Cutter(CUT), []
    for start in range(0, len(samples), block_samples):
        found += cutter.feed(samples[start : start + block_samples])
    return [*found, cutter.finish()]


def own_samples(windows: list[Windows]) -> int:
    return sum(int(one.own.sum()) for one in windows) * CUT.step_samples


@pytest.mark.parametrize("seconds", [0.1, 1.0, 2.5, 2.56, 2.62, 3.0, 5.12, 7.7, 38.4, 38.5, 41.0, 100.0])
def test_each_part_counts_once(seconds: float) -> None:
    samples = buzz(120, seconds).samples
    windows = cut(samples)
    assert 0 <= len(samples) - own_samples(windows) < EXTRA + 2 * CUT.step_samples
    assert all(one.frames.shape[1:] == (160, 112) and len(one.frames) == len(one.own) for one in windows)
    assert max(len(one.frames) for one in windows) <= MOST_WINDOWS


@pytest.mark.parametrize("block_samples", [1, 999, 16_000, 10**7])
def test_how_sound_is_cut_into_pieces_changes_nothing(block_samples: int) -> None:
    samples = np.random.default_rng(0).normal(size=20_000 if block_samples == 1 else PIECE + 90_000).astype(np.float32)
    for one, other in zip(cut(samples), cut(samples, block_samples), strict=True):
        assert (one.frames == other.frames).all()
        assert (one.own == other.own).all()


def test_a_short_recording_is_repeated_and_counts_once() -> None:
    samples = buzz(125, 1.024).samples  # 128 whole periods
    (windows,) = cut(samples)
    assert windows.own.sum() == len(samples) // CUT.step_samples
    assert windows.own[0, : len(samples) // CUT.step_samples].all()
    assert windows.frames[0, 80:84] == pytest.approx(windows.frames[0, 16:20], abs=0.01)


def test_the_last_window_ends_with_the_recording() -> None:
    samples = buzz(120, 3).samples
    (windows,) = cut(samples)
    frames = CUT.features.frames(samples)
    assert (windows.frames[1] == frames[-160:]).all()
    assert windows.own[0].all()
    assert windows.own[1].sum() == (len(frames) - 160) // 2
    assert windows.own[1, -1]
    assert not windows.own[1, 0]


def test_windows_of_two_pieces_follow_each_other() -> None:
    samples = np.random.default_rng(0).normal(size=2 * PIECE + CUT.window_samples).astype(np.float32)
    windows = cut(samples)
    assert [len(one.frames) for one in windows] == [15, 15, 1]
    whole = CUT.features.frames(samples).reshape(-1, 160, CUT.features.bins)
    assert np.concatenate([one.frames for one in windows]) == pytest.approx(whole, abs=0.05)  # each has its loudness


def test_nothing_at_all_is_silence_that_does_not_count() -> None:
    (windows,) = cut(np.empty(0, np.float32))
    assert windows.frames.shape == (1, 160, 112)
    assert not windows.own.any()


def test_little_is_held() -> None:
    cutter = Cutter(CUT)
    for _ in range(40):
        list(cutter.feed(np.zeros(PIECE // 3, np.float32)))
        assert len(cutter._samples) < PIECE + CUT.window_samples
