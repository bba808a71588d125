"""What an engine of emotions is: texts in, calibrated scores out."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

LabelSet = Literal["ekman", "goemotions"]
Scores = NDArray[np.float64]

SENTIMENTS = ("positive", "negative", "neutral", "mixed")

ENGINES = {
    "onnx": "services.sentiment.engines.onnx:Onnx",
    "fake": "services.sentiment.engines.fake:Fake",
}


@dataclass(frozen=True, slots=True)
class EmotionScores:
    """Calibrated scores of n texts."""

    ekman: Scores
    """[n, 7]: how likely each emotion is the main one; rows sum to one."""
    goemotions: Scores
    """[n, 28]: how likely people name each emotion, each by itself; rows need not sum to one."""
    sentiment: Scores
    """[n, 4] in the order of SENTIMENTS; rows sum to one."""


@dataclass(frozen=True, slots=True)
class Decisions:
    """Names of the columns of EmotionScores and the scores from which on a label is taken."""

    labels: Mapping[LabelSet, tuple[str, ...]]
    thresholds: Mapping[str, float]
    """For each GoEmotions label, the probability from which on it holds."""
    voice_thresholds: Mapping[str, float]
    """For each Ekman label, the score from which on it is safe to speak in that emotion."""


class EmotionEngine(Protocol):
    """Scores texts. Stateless between calls, and called from several threads at once."""

    decisions: Decisions

    @abstractmethod
    def scores(self, texts: Sequence[str]) -> EmotionScores:
        """Return the scores of `texts`, in their order. Blocks."""
