"""An engine without a model: it takes tones for words. For tests, and for trials of everything around it."""

from functools import cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import SILENCE, UNKNOWN, Heard, KeywordEngine, Thresholds
from services.keywords.features import Features, LogMel, Pictures, Samples
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
_NEGATIVES_OF_EACH = 20


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
        self.negatives = _bank()
        self.bands = np.array([self.features.pictures(tone)[0, 0].argmax() for tone in tones])

    def hear(self, pictures: Pictures) -> Heard:
        """Judge each window by the loudest band of its frames."""
        scores = np.array([self._scores(picture) for picture in pictures], np.float32)
        return Heard(scores.reshape(-1, len(self.labels)), _embedded(pictures))

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


def _embedded(pictures: Pictures) -> NDArray[np.float32]:
    embeddings: NDArray[np.float32] = pictures.mean(axis=1) - pictures.mean(axis=(1, 2))[:, None]
    return embeddings


@cache
def _bank() -> NDArray[np.float32]:
    """Return embeddings of the tones and of noise, at several places, lengths and levels."""
    features, chance = LogMel(), np.random.default_rng(0)
    hz = [*TONES_HZ.values(), 0.0] * _NEGATIVES_OF_EACH
    return _embedded(np.concatenate([features.pictures(_blip(one, chance, features.window_samples)) for one in hz]))


def _blip(hz: float, chance: np.random.Generator, samples: int) -> Samples:
    """Return a tone, or noise where it has 0 Hz, somewhere in a window of very soft noise."""
    start, length = chance.integers(samples // 2), chance.integers(samples // 5, samples // 2)
    sound = np.sin(2 * np.pi * hz * np.arange(length) / samples) if hz else chance.normal(size=length) / 2
    window = 1e-3 * chance.normal(size=samples)
    window[start : start + length] += 10 ** chance.uniform(-2, 0) * sound
    return window.astype(np.float32)
