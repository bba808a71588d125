"""Recordings are judged window by window, and by what of them is speech."""

import numpy as np
import pytest

from training.speaker.judging import STEP_SECONDS, Said, hear, windows_of

WINDOW, STEPS = 8, 4


def says(windows: np.ndarray) -> Said:
    """Take the first bin for speech, and the second for the answer."""
    answer = (windows[:, :, 1] * windows[:, :, 0]).sum(1) / np.maximum(windows[:, :, 0].sum(1), 1)
    return Said(windows[:, ::2, 0], windows[:, :, 2].mean(axis=1), answer[:, None])


def frames(speech: list[int], answer: float = 1.0) -> np.ndarray:
    return np.stack([np.array(speech), np.full(len(speech), answer), np.zeros(len(speech))], axis=1)


@pytest.mark.parametrize(("length", "starts"), [(3, [0]), (8, [0]), (9, [0, 1]), (16, [0, 8]), (20, [0, 8, 12])])
def test_windows_cover_everything_and_the_last_is_at_the_end(length: int, starts: list[int]) -> None:
    found = windows_of(np.arange(length, dtype=np.float32)[:, None], WINDOW)
    assert found[:, 0, 0].tolist() == starts
    assert found[-1, -1, 0] == length - 1 if length >= WINDOW else found.shape == (1, WINDOW, 1)


@pytest.mark.parametrize("length", [4, 8, 10, 16, 20, 30])
def test_speech_is_counted_once_and_only_what_is_there(length: int) -> None:
    heard = hear(says, [frames([1] * length)], WINDOW)
    assert heard.speech_seconds[0] == pytest.approx(length / 2 * STEP_SECONDS)


def test_windows_without_speech_have_no_say() -> None:
    both = np.concatenate([frames([1] * 8, 3.0), frames([0] * 8, -50.0)])
    assert hear(says, [both], WINDOW).answer[0, 0] == pytest.approx(3, abs=0.01)


def test_each_recording_has_its_own_answer() -> None:
    recordings = [frames([1] * (4 + number % 30), float(number)) for number in range(300)]
    assert hear(says, recordings, WINDOW).answer[:, 0] == pytest.approx(np.arange(300))
