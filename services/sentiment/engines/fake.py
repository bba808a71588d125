"""An engine without a model: it knows a dozen words. For tests, and for trials of everything around it."""

import re
from collections.abc import Sequence

import numpy as np

from services.sentiment.engine import SENTIMENTS, Decisions, EmotionEngine, EmotionScores
from shared.store import LocalModel

EKMAN = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
GOEMOTIONS = (
    *("admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire"),
    *("disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy"),
    *("love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral"),
)
WORDS = {
    "furious": "anger",
    "hate": "anger",
    "disgusting": "disgust",
    "afraid": "fear",
    "scared": "fear",
    "happy": "joy",
    "wonderful": "joy",
    "love": "joy",
    "sad": "sadness",
    "cried": "sadness",
    "wow": "surprise",
    "suddenly": "surprise",
}
_POSITIVE, _NEGATIVE = {"joy"}, {"anger", "disgust", "fear", "sadness"}
_LIKELY = 0.9


class Fake(EmotionEngine):
    """Scores a text by the known words in it: the first decides the emotion, all decide the sentiment."""

    needs_model = False
    decisions = Decisions(
        labels={"ekman": EKMAN, "goemotions": GOEMOTIONS},
        thresholds=dict.fromkeys(GOEMOTIONS, 0.5),
        voice_thresholds=dict.fromkeys(EKMAN, 0.75),
    )

    def __init__(self, model: LocalModel | None = None, threads: int = 1) -> None:
        """Take and ignore what the real engine needs."""

    def scores(self, texts: Sequence[str]) -> EmotionScores:
        """Return the scores of `texts`, in their order."""
        found = [[WORDS[word] for word in re.findall(r"[a-z]+", text.lower()) if word in WORDS] for text in texts]
        emotions = [words[0] if words else "neutral" for words in found]
        return EmotionScores(
            ekman=_peaked([EKMAN.index(emotion) for emotion in emotions], len(EKMAN)),
            goemotions=_peaked([GOEMOTIONS.index(emotion) for emotion in emotions], len(GOEMOTIONS)),
            sentiment=_peaked([SENTIMENTS.index(_sentiment(set(words))) for words in found], len(SENTIMENTS)),
        )


def _sentiment(emotions: set[str]) -> str:
    names = {(True, True): "mixed", (True, False): "positive", (False, True): "negative", (False, False): "neutral"}
    return names[bool(emotions & _POSITIVE), bool(emotions & _NEGATIVE)]


def _peaked(columns: Sequence[int], width: int) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    scores = np.full((len(columns), width), (1 - _LIKELY) / (width - 1))
    scores[np.arange(len(columns)), columns] = _LIKELY
    return scores
