"""Recordings are judged window by window, and by what of them is speech."""

import numpy as np
import pytest

from services.speaker.engine import Heard
from training.speaker.judging import STEP_SECONDS, hear

WINDOW, STEPS = 8, 4


def says(windows: np.ndarray) -> Heard:
    """Take the first bin for speech, and the second for the answer."""
    answer = (windows[:, :, 1] * windows[:, :, 0]).sum(1) / np.maximum(windows[:, :, 0].sum(1), 1)
    return Heard(windows[:, ::2, 0], windows[:, :, 2].mean(axis=1), answer)


def frames(speech: list[int], answer: float = 1.0) -> np.ndarray:
    return np.stack([np.array(speech), np.full(len(speech), answer), np.zeros(len(speech))], axis=1)


@pytest.mark.parametrize("length", [4, 8, 10, 16, 20, 30])
def test_speech_is_counted_once_and_only_what_is_there(length: int) -> None:
    [heard] = hear(says, [frames([1] * length)], WINDOW)
    assert heard.speech_seconds == pytest.approx(length / 2 * STEP_SECONDS)


def test_windows_without_speech_have_no_say() -> None:
    [both] = hear(says, [np.concatenate([frames([1] * 8, 3.0), frames([0] * 8, -50.0)])], WINDOW)
    assert both.mean(both.voice) == pytest.approx(3)


def test_each_recording_has_its_own_answer() -> None:
    recordings = [frames([1] * (4 + number % 30), float(number)) for number in range(300)]
    heard = hear(says, recordings, WINDOW)
    assert [float(each.mean(each.voice)) for each in heard] == pytest.approx(range(300))
