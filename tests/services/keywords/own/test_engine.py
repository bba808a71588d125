"""Own words beside the network's: rows stay probabilities, and the network's words keep theirs."""

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from services.keywords.engine import Heard, KeywordEngine, Thresholds
from services.keywords.features import LogMel, Pictures
from services.keywords.own.engine import WithOwnKeywords
from services.keywords.own.schemas import StoredKeyword

Rows = NDArray[np.float32]


class Base(KeywordEngine):
    """Gives the same rows for every picture."""

    labels = ("yes", "no", "unknown", "silence")
    features = LogMel()
    thresholds = Thresholds(0.6, 0.9)
    negatives = np.empty((0, 2), np.float32)

    def __init__(self, scores: list[float], embedding: list[float]) -> None:
        self._heard = np.array([scores], np.float32), np.array([embedding], np.float32)

    def hear(self, pictures: Pictures) -> Heard:
        return Heard(*(np.repeat(row, len(pictures), axis=0) for row in self._heard))


def word(keyword: str, weights: list[float], threshold: float = 0.5) -> StoredKeyword:
    return StoredKeyword(
        keyword=keyword,
        created=datetime(2026, 1, 2, tzinfo=UTC),
        base_model="keywords/1",
        recordings=20,
        recall=1,
        false_accepts=0,
        threshold=threshold,
        stream_threshold=0.8,
        weights=weights,
        bias=0,
    )


def heard(base: Base, *words: StoredKeyword) -> dict[str, float]:
    engine = WithOwnKeywords(base, words)
    rows = engine.hear(np.zeros((3, *Base.features.shape), np.float32))
    assert rows.scores.dtype == np.float32
    np.testing.assert_allclose(rows.scores.sum(axis=1), 1, atol=1e-5)
    assert (rows.scores >= 0).all()
    return dict(zip(engine.labels, rows.scores[0].tolist(), strict=True))


def logit(score: float) -> float:
    return float(np.log(score / (1 - score)))


class TestHear:
    def test_a_word_above_its_threshold_takes_from_all(self) -> None:
        scores = heard(Base([0.5, 0.1, 0.3, 0.1], [2, 0]), word("own", [logit(0.8), 0]))
        assert scores == pytest.approx({"yes": 0.1, "no": 0.02, "unknown": 0.06, "silence": 0.02, "own": 0.8}, abs=1e-5)

    def test_a_word_below_its_threshold_takes_from_what_is_no_word(self) -> None:
        scores = heard(Base([0.5, 0.1, 0.3, 0.1], [2, 0]), word("own", [logit(0.4), 0]))
        assert scores == pytest.approx({"yes": 0.5, "no": 0.1, "unknown": 0.18, "silence": 0.06, "own": 0.16}, abs=1e-5)

    def test_of_two_words_the_likelier_has_more(self) -> None:
        scores = heard(Base([0.1, 0.1, 0.7, 0.1], [0, 3]), word("a", [0, logit(0.9)]), word("b", [0, logit(0.6)]))
        assert scores["a"] + scores["b"] == pytest.approx(1 - 0.1 * 0.4)
        assert scores["a"] / scores["b"] == pytest.approx(0.9 / 0.6)

    def test_twenty_words_at_once(self) -> None:
        words = [word(f"word {number}", [float(number % 5), 1.0]) for number in range(20)]
        scores = heard(Base([0.97, 0.01, 0.01, 0.01], [1, 1]), *words)
        assert sum(scores[each.keyword] for each in words) > 0.99

    def test_no_word_scores_at_all(self) -> None:
        scores = heard(Base([0.97, 0.01, 0.01, 0.01], [1, 0]), word("own", [-1e6, 0]))
        assert scores["yes"] == pytest.approx(0.97)

    def test_no_windows(self) -> None:
        rows = WithOwnKeywords(Base([1, 0, 0, 0], [1, 0]), [word("own", [1, 1])]).hear(
            np.zeros((0, *Base.features.shape), np.float32)
        )
        assert rows.scores.shape == (0, 5)


def test_thresholds_of_words() -> None:
    thresholds = WithOwnKeywords(Base([1, 0, 0, 0], [1, 0]), [word("own", [1, 1], threshold=0.55)]).thresholds
    assert (thresholds.clip, thresholds.stream) == (0.6, 0.9)
    assert thresholds.words == {"own": Thresholds(0.55, 0.8)}
