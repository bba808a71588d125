"""The engine for tests hears what its tones say, so that what is built on it can be believed."""

import numpy as np
import pytest

from services.keywords.engines.fake import TONES_HZ, Fake
from services.keywords.features import Samples
from tests.services.keywords.tones import noise, spoken, tone

FAKE = Fake()


def best(samples: Samples) -> tuple[str, float]:
    [scores] = FAKE.hear(FAKE.features.pictures(samples)).scores
    return FAKE.labels[int(scores.argmax())], float(scores.max())


@pytest.mark.parametrize("word", TONES_HZ)
def test_each_tone_is_its_word(word: str) -> None:
    heard, score = best(spoken(0.25, word, 0.25).samples)
    assert heard == word
    assert score > 0.9


def test_the_middle_is_heard_best() -> None:
    scores = [best(spoken(start, "yes", 0.5 - start).samples)[1] for start in (0.0, 0.1, 0.25)]
    assert scores == sorted(scores)
    assert best(spoken(0.4, "yes", 0.1).samples)[1] == pytest.approx(scores[1], abs=0.05)


def test_what_is_no_word() -> None:
    assert best(np.zeros(16_000, np.float32))[0] == "silence"
    assert best(noise(1.0).samples)[0] == "unknown"
    assert best(tone(100.0, 1.0))[0] == "unknown"


def test_scores_sum_to_one() -> None:
    sounds = [spoken(0.3, "go", 0.2).samples, np.zeros(16_000, np.float32), noise(1.0).samples]
    heard = FAKE.hear(np.concatenate([FAKE.features.pictures(sound) for sound in sounds]))
    assert heard.scores.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert heard.scores.shape == (3, len(FAKE.labels))
    assert len(heard.embeddings) == 3


def test_no_windows() -> None:
    heard = FAKE.hear(np.empty((0, *FAKE.features.shape), np.float32))
    assert heard.scores.shape == (0, len(FAKE.labels))
