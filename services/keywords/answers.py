"""From scores to the answer: which of the words that a call allows, or none. Training's evaluation imports it, too."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from services.keywords.engine import SILENCE, UNKNOWN, Thresholds
from services.keywords.scanning import Peak, Scores
from shared.problems import InvalidInput

CLIP_SECONDS = 2.0
"""A recording up to this long holds one command; a longer one is scanned for all there are."""
TOP = 5
SCORE_DECIMALS = 4
SECONDS_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class ScoredKeyword:
    """A word, `unknown` or `silence`, and how likely it is."""

    keyword: str
    score: float


@dataclass(frozen=True, slots=True)
class Match:
    """A word that was heard, and when."""

    keyword: str
    score: float
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True, slots=True)
class KeywordsAnswer:
    """Body of the answer; `model` is the name and version that listened."""

    model: str
    keyword: str
    """The word of a short recording, the best one of a long; `unknown` or `silence` where there is none."""
    score: float
    top: list[ScoredKeyword]
    """The likeliest, best first."""
    matches: list[Match]
    """All words that were heard, in order; of a recording up to 2 seconds at most one."""
    duration_seconds: float


class Vocabulary:
    """The words that one call listens for, out of those that an engine knows, and what scores become for it."""

    def __init__(self, labels: Sequence[str], allowed: Sequence[str] = ()) -> None:
        """Allow those words only, or all without any. Raises InvalidInput for one that is none of the engine's."""
        known = [label for label in labels if label not in (UNKNOWN, SILENCE)]
        chosen = set(allowed or known)
        if not chosen <= set(known):
            raise InvalidInput(f"keywords may name only words of this model: {', '.join(known)}.", param="keywords")
        self.words = tuple(word for word in known if word in chosen)
        self.labels = (*self.words, UNKNOWN, *([SILENCE] if SILENCE in labels else []))
        columns = [self.labels.index(label if label in self.labels else UNKNOWN) for label in labels]
        self._folding = np.eye(len(self.labels), dtype=np.float32)[columns]

    def folded(self, scores: Scores) -> Scores:
        """Return an engine's scores [n, its labels] as [n, labels]: words that are not allowed count as unknown."""
        return scores @ self._folding

    def least(self, thresholds: Thresholds, wanted: float | None, *, is_clip: bool) -> Scores:
        """Return the threshold of each word: the call's own, else the word's own, else that for such a sound."""
        own = [thresholds.words.get(word, thresholds) for word in self.words]
        usual = [one.clip if is_clip else one.stream for one in own]
        return np.array(usual if wanted is None else [wanted] * len(own), np.float32)

    def chosen(self, scores: Scores, least: Scores) -> ScoredKeyword:
        """Return what is heard by scores [labels]: the best word that reaches its threshold, else the likelier rest."""
        words = len(self.words)
        passing = np.where(scores[:words] >= least, scores[:words], -1)
        column = int(passing.argmax() if passing.max() >= 0 else words + scores[words:].argmax())
        return self._scored(column, float(scores[column]))

    def top(self, scores: Scores) -> list[ScoredKeyword]:
        """Return the likeliest by scores [labels], best first."""
        return [self._scored(column, float(scores[column])) for column in np.argsort(-scores, kind="stable")[:TOP]]

    def match(self, peak: Peak, span_seconds: tuple[float, float]) -> Match:
        """Describe a peak that lies there in the recording."""
        start, end = (round(seconds, SECONDS_DECIMALS) for seconds in span_seconds)
        return Match(self.words[peak.column], round(peak.score, SCORE_DECIMALS), start, end)

    def _scored(self, column: int, score: float) -> ScoredKeyword:
        return ScoredKeyword(self.labels[column], round(score, SCORE_DECIMALS))
