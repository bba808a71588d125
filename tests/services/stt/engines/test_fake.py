"""The fake engine makes the same words of the same notes."""

import numpy as np

from services.stt.engine import Wishes
from services.stt.engines.fake import WORDS, Fake
from shared.audio import Samples
from tests.sounds import RATE_HZ


def note(hz: float, seconds: float) -> Samples:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)).astype(np.float32)


def test_a_scale_is_the_alphabet() -> None:
    edges = 80 * 50 ** (np.arange(27) / 26)
    scale = np.concatenate([note(hz, 0.5) for hz in np.sqrt(edges[:-1] * edges[1:])])
    [segments] = Fake().transcribe([scale], Wishes(word_times=True))
    words = [word for segment in segments for word in segment.words]
    assert [word.text for word in words] == list(WORDS)
    assert [word.start_seconds for word in words] == [0.5 * number for number in range(26)]


def test_silence_is_none() -> None:
    assert Fake().transcribe([np.zeros(RATE_HZ, np.float32), np.zeros(0, np.float32)], Wishes()) == [[], []]
    gap = np.concatenate([note(440, 0.5), np.zeros(RATE_HZ, np.float32), note(440, 0.3)])
    [[segment]] = Fake().transcribe([gap], Wishes())
    assert (segment.text.split()[0], len(segment.text.split()), segment.end_seconds) == (
        segment.text.split()[1],
        2,
        1.8,
    )
