"""An engine without a model: it takes tones for words. For tests, and for trials of everything around it."""

from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import SILENCE, UNKNOWN, Heard, KeywordEngine, Thresholds
from services.keywords.features import Features, LogMel, Pictures
from shared.store import LocalModel

TONES_HZ: Final = MappingProxyType(
    {
        "yes": 400.0,
        "no": 600.0,
        "up": 900.0,
        "down": 1_200.0,
        "left": 1_600.0,
        "right": 2_100.0,
        "on": 2_700.0,
        "off": 3_500.0,
        "stop": 4_500.0,
        "go": 6_000.0,
    }
)
"""The tone that is taken for each word; half a second of it in the middle of a window is heard best."""

_LOUD = -6.0
"""Logarithm of a band's power above which there is sound, about -60 dB of full scale."""
_SURE = 0.97
_LEAST_FRAMES = 5
_LEAST_SHARE = 0.5
_NEAR_BANDS = 1


class Fake(KeywordEngine):
    """Hears the word whose tone most of the sound in a window is, the surer the nearer to the middle it lies."""

    needs_model = False
    labels = (*TONES_HZ, UNKNOWN, SILENCE)
    features: Features = LogMel()
    thresholds = Thresholds(clip=0.5, stream=0.6)

    def __init__(self, model: LocalModel | None = None, threads: int = 1) -> None:
        """Take and ignore what the real engine needs."""
        seconds = np.arange(self.features.window_samples) / self.features.sample_rate_hz
        tones = [np.sin(2 * np.pi * hz * seconds).astype(np.float32) for hz in TONES_HZ.values()]
        self.bands = np.array([self.features.pictures(tone)[0, 0].argmax() for tone in tones])

    def hear(self, pictures: Pictures) -> Heard:
        """Judge each window by the loudest band of its frames."""
        scores = np.array([self._scores(picture) for picture in pictures], np.float32)
        embeddings = pictures.mean(axis=1) - pictures.mean(axis=(1, 2))[:, None]
        return Heard(scores.reshape(-1, len(self.labels)), embeddings)

    def _scores(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        loud = np.flatnonzero(picture.max(axis=1) > _LOUD)
        if len(loud) < _LEAST_FRAMES:
            return self._peaked(SILENCE, 1.0)
        is_word = np.abs(picture[loud].argmax(axis=1)[:, None] - self.bands) <= _NEAR_BANDS
        word = int(is_word.sum(axis=0).argmax())
        share = float(is_word[:, word].mean())
        if share < _LEAST_SHARE:
            return self._peaked(UNKNOWN, 1.0)
        middle = (len(picture) - 1) / 2
        nearness = 1 - abs(float(loud[is_word[:, word]].mean()) - middle) / middle
        return self._peaked(self.labels[word], share * nearness)

    def _peaked(self, label: str, certainty: float) -> NDArray[np.float32]:
        """Return scores of which `label` has as much as is certain, `unknown` what is left, and each a little."""
        scores = np.full(len(self.labels), (1 - _SURE) / len(self.labels), np.float32)
        scores[self.labels.index(UNKNOWN)] += _SURE * (1 - certainty)
        scores[self.labels.index(label)] += _SURE * certainty
        return scores
