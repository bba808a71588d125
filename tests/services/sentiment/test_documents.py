"""Decisions by thresholds, and what sentences say together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sentiment.documents import choose, documents_of, together
from services.sentiment.engine import Decisions, EmotionScores
from services.sentiment.engines.fake import Fake
from services.sentiment.sentences import sentences_of

DECISIONS = Decisions(
    labels={"ekman": ("joy", "anger", "neutral"), "goemotions": ("joy", "grief", "neutral")},
    thresholds={"joy": 0.5, "grief": 0.1, "neutral": 0.4},
    voice_thresholds={"joy": 0.6, "anger": 0.8, "neutral": 0.0},
)


def scores(ekman: list[list[float]], goemotions: list[list[float]]) -> EmotionScores:
    return EmotionScores(np.array(ekman), np.array(goemotions), np.eye(4)[: len(ekman)])


class TestChoose:
    def test_ekman_takes_the_most_likely_and_its_voice_threshold(self) -> None:
        table = scores([[0.7, 0.2, 0.1], [0.2, 0.7, 0.1], [0.3, 0.3, 0.4]], [[0, 0, 0]] * 3)
        chosen, confident = choose(table, DECISIONS, "ekman")
        assert chosen.tolist() == [0, 1, 2]
        assert confident.tolist() == [True, False, True]

    def test_goemotions_prefers_labels_that_reach_their_threshold(self) -> None:
        table = scores([[1, 0, 0]] * 3, [[0.3, 0.15, 0.1], [0.9, 0.15, 0.5], [0.3, 0.05, 0.2]])
        chosen, confident = choose(table, DECISIONS, "goemotions")
        assert chosen.tolist() == [1, 0, 0]
        assert confident.tolist() == [False, True, False]


class TestTogether:
    def test_one_sentence_speaks_for_itself(self) -> None:
        one = np.array([[0.5, 0.2, 0.2, 0.1]])
        assert together(one, np.array([9.0])) == pytest.approx(one[0])

    def test_opposite_sentences_are_mixed(self) -> None:
        both = together(np.array([[0.9, 0.0, 0.1, 0.0], [0.0, 0.9, 0.1, 0.0]]), np.array([10.0, 10.0]))
        assert both.argmax() == 3
        assert both.sum() == pytest.approx(1)

    def test_long_sentences_weigh_more(self) -> None:
        table = np.array([[0.9, 0.0, 0.1, 0.0], [0.0, 0.1, 0.9, 0.0]])
        assert together(table, np.array([90.0, 10.0])).argmax() == 0
        assert together(table, np.array([10.0, 90.0])).argmax() == 2

    @given(st.lists(st.tuples(*[st.floats(0.01, 1)] * 4, st.integers(1, 500)), min_size=1, max_size=20))
    def test_scores_stay_scores(self, rows: list[tuple[float, ...]]) -> None:
        table = np.array([row[:4] for row in rows])
        whole = together(table / table.sum(axis=1, keepdims=True), np.array([row[4] for row in rows], dtype=float))
        assert whole.sum() == pytest.approx(1)
        assert (whole >= -1e-12).all()


@given(st.lists(st.text(min_size=1).filter(str.strip), min_size=1, max_size=5))
def test_documents_quote_the_texts(texts: list[str]) -> None:
    sentences = sentences_of(texts)
    engine = Fake()
    documents = documents_of(
        sentences, engine.scores([s.text for own in sentences for s in own]), engine.decisions, "ekman"
    )
    assert len(documents) == len(texts)
    for text, document in zip(texts, documents, strict=True):
        quoted = [text[sentence.start : sentence.end] for sentence in document.sentences]
        assert quoted == [sentence.text for sentence in document.sentences]
        assert "".join("".join(quoted).split()) == "".join(text.split())
