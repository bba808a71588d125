"""From scores to the answer: which emotion, which sentiment, and what the sentences say together."""

from collections.abc import Sequence
from typing import cast

import numpy as np

from services.sentiment.engine import SENTIMENTS, Decisions, EmotionScores, LabelSet, Scores
from services.sentiment.schemas import Document, SentenceEmotions, Sentiment, SentimentScores
from services.sentiment.sentences import Sentence

DECIMALS = 4
CONFIDENT_GOEMOTIONS = 0.75
"""Calibrated: right three times out of four, as the Ekman labels above their voice thresholds."""
_POSITIVE, _NEGATIVE, _, _MIXED = range(len(SENTIMENTS))


def documents_of(
    texts: Sequence[Sequence[Sentence]], scores: EmotionScores, decisions: Decisions, label_set: LabelSet
) -> list[Document]:
    """Return a document for each text; `scores` has a row for each sentence of all texts, in order."""
    chosen, confident = choose(scores, decisions, label_set)
    labels, table = decisions.labels[label_set], getattr(scores, label_set).round(DECIMALS).tolist()
    documents, row = [], 0
    for sentences in texts:
        rows = range(row, row + len(sentences))
        described = [
            SentenceEmotions(
                *sentence,
                emotion=labels[chosen[row]],
                score=table[row][chosen[row]],
                scores=dict(zip(labels, table[row], strict=True)),
                confident=bool(confident[row]),
                sentiment=_sentiment(scores.sentiment[row]),
                sentiment_scores=_sentiment_scores(scores.sentiment[row]),
            )
            for row, sentence in zip(rows, sentences, strict=True)
        ]
        lengths = np.array([len(sentence.text) for sentence in sentences], dtype=np.float64)
        whole = together(scores.sentiment[rows.start : rows.stop], lengths)
        documents.append(Document(described, _sentiment(whole), _sentiment_scores(whole)))
        row = rows.stop
    return documents


def choose(
    scores: EmotionScores, decisions: Decisions, label_set: LabelSet
) -> tuple["np.ndarray[tuple[int], np.dtype[np.int64]]", "np.ndarray[tuple[int], np.dtype[np.bool_]]"]:
    """Return for each sentence the number of its label, and whether the label is sure enough to be spoken.

    Ekman: the most likely label. GoEmotions: the most probable of the labels that reach their threshold, else of all.
    """
    table: Scores = getattr(scores, label_set)
    if label_set == "ekman":
        chosen = table.argmax(axis=1)
        least = np.array([decisions.voice_thresholds[label] for label in decisions.labels["ekman"]])[chosen]
    else:
        holds = table >= np.array([decisions.thresholds[label] for label in decisions.labels["goemotions"]])
        chosen = (table + holds).argmax(axis=1)
        least = np.full(len(table), CONFIDENT_GOEMOTIONS)
    return chosen, table[np.arange(len(table)), chosen] >= least


def together(sentiment: Scores, lengths: Scores) -> Scores:
    """Return the sentiment scores [4] of one or more sentences [n, 4] as a whole, weighted by `lengths` [n].

    The weighted mean, but where some sentences are positive and others negative their common part is mixed feeling.
    """
    weights = lengths / lengths.sum()
    mean: Scores = (weights[:, None] * sentiment).sum(axis=0)
    valence = sentiment[:, _POSITIVE] - sentiment[:, _NEGATIVE]
    common = min(weights @ np.maximum(valence, 0), weights @ np.maximum(-valence, 0))
    mean[[_POSITIVE, _NEGATIVE]] -= common
    mean[_MIXED] += 2 * common
    return mean


def _sentiment(scores: Scores) -> Sentiment:
    return cast(Sentiment, SENTIMENTS[int(scores.argmax())])


def _sentiment_scores(scores: Scores) -> SentimentScores:
    return SentimentScores(*scores.round(DECIMALS).tolist())
