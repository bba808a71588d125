"""An engine that hears words of a caller's own beside those of its network."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from services.keywords.engine import SILENCE, UNKNOWN, Heard, KeywordEngine, Thresholds
from services.keywords.features import Pictures
from services.keywords.logistic import Scorer
from services.keywords.own.schemas import StoredKeyword
from services.keywords.scanning import Scores


class WithOwnKeywords(KeywordEngine):
    """Runs the network once, and adds a column of scores for each own word.

    Each own word has a score for itself; to let rows sum to one, it takes that much from the others. Below its
    threshold it takes it from `unknown` and `silence` alone, in proportion to what they have, so that it does not get
    in the way of the network's own words; from its threshold on it takes it from all.
    """

    def __init__(self, base: KeywordEngine, keywords: Sequence[StoredKeyword]) -> None:
        """Take words that were learned on `base`, at least one."""
        own = {word.keyword: Thresholds(word.threshold, word.stream_threshold) for word in keywords}
        self._base = base
        self._scorers = [Scorer(np.array(word.weights), word.bias) for word in keywords]
        self._least = np.array([word.threshold for word in keywords])
        self._is_rest = np.array([label in (UNKNOWN, SILENCE) for label in base.labels])
        self.labels = (*base.labels, *own)
        self.features = base.features
        self.thresholds = replace(base.thresholds, words=own)
        self.negatives = base.negatives

    def hear(self, pictures: Pictures) -> Heard:
        """Judge windows."""
        heard = self._base.hear(pictures)
        own = np.stack([scorer.scores(heard.embeddings) for scorer in self._scorers], axis=1).astype(np.float32)
        return Heard(self._beside(heard.scores, own), heard.embeddings)

    def _beside(self, scores: Scores, own: Scores) -> Scores:
        """Return rows that sum to one, from the network's [n, labels] and the own words' [n, words]."""
        taken = 1 - np.prod(1 - own, axis=1, keepdims=True)
        shares = taken * own / np.maximum(own.sum(axis=1, keepdims=True), np.finfo(np.float32).tiny)
        is_taken = (own >= self._least).any(axis=1, keepdims=True)
        rest = np.where(is_taken, 1, scores[:, self._is_rest].sum(axis=1, keepdims=True))
        left = np.where(is_taken | self._is_rest, scores * (1 - taken), scores)
        return np.concatenate([left, shares * rest], axis=1, dtype=np.float32)
