"""One sound on its way through the engine: windows, scores, words. Pure computing, for the engine's threads."""

from collections.abc import Sequence

import numpy as np

from services.keywords.answers import SECONDS_DECIMALS, KeywordsAnswer, Match, Vocabulary
from services.keywords.engine import KeywordEngine
from services.keywords.features import Samples
from services.keywords.scanning import CLIP_REACH, STEP_SECONDS, STREAM_REACH, Peak, Scanner, Scores
from services.keywords.windows import step_samples_of, windows_of

BATCH_WINDOWS = 8
"""Windows that the engine judges in one run. More fall out of a CPU's cache: 32 take a quarter longer each than 8, and
8 no less each than one (benchmarks/batching.py)."""


class Hearing:
    """Hears the words in one sound, which may come piece by piece, at the rate of the engine's features.

    A stream begins and ends in silence of STREAM_REACH steps, so that a word at its edge is whole in as many windows
    as any other. Sound shorter than a window lies in the middle of one, between silence.
    """

    def __init__(self, engine: KeywordEngine, vocabulary: Vocabulary, least: Scores, *, is_clip: bool = False) -> None:
        features = engine.features
        step_samples = step_samples_of(features, STEP_SECONDS)
        self._engine = engine
        self._vocabulary = vocabulary
        self._least = least
        self._windows = windows_of(features, step_samples)
        self._window_seconds = features.window_samples / features.sample_rate_hz
        self._step_seconds = step_samples / features.sample_rate_hz
        reach = CLIP_REACH if is_clip else STREAM_REACH
        self._scanner = Scanner(least, apart=-(-features.window_samples // step_samples), reach=reach)
        self._samples = 0
        self._margin = np.zeros(0 if is_clip else reach * step_samples, np.float32)
        self._held = self._margin
        self._scanned_samples = len(self._margin)
        self._padding_seconds = len(self._margin) / features.sample_rate_hz

    @property
    def duration_seconds(self) -> float:
        """Length of the sound so far."""
        return self._samples / self._engine.features.sample_rate_hz

    def feed(self, samples: Samples) -> list[Match]:
        """Take the next sound, float32 (n,); return the matches that are certain by now, in order."""
        self._samples += len(samples)
        return self._heard(samples)

    def finish(self, samples: Samples) -> list[Match]:
        """Take the last sound, maybe none; return the rest of the matches."""
        matches = [*self.feed(samples), *self._heard(self._margin)]
        missing = max(0, self._engine.features.window_samples - self._scanned_samples)
        self._padding_seconds += missing // 2 / self._engine.features.sample_rate_hz
        padded = np.pad(self._held, (missing // 2, missing - missing // 2)) if missing else self._held
        return [*matches, *self._matches([*self._scan(padded), *self._scanner.finish()])]

    def _heard(self, samples: Samples) -> list[Match]:
        """Take sound, or silence around it; what is shorter than a window is held."""
        self._scanned_samples += len(samples)
        sound = np.concatenate([self._held, samples])
        is_short = self._scanned_samples < self._engine.features.window_samples
        self._held = sound if is_short else sound[:0]
        return [] if is_short else self._matches(self._scan(sound))

    def answer(self, model: str, matches: Sequence[Match]) -> KeywordsAnswer:
        """Return the answer for the finished sound, in which `matches` were found."""
        chosen = self._vocabulary.chosen(self._scanner.best, self._least)
        top = self._vocabulary.top(self._scanner.best)
        duration = round(self.duration_seconds, SECONDS_DECIMALS)
        return KeywordsAnswer(model, chosen.keyword, chosen.score, top, list(matches), duration)

    def _scan(self, samples: Samples) -> list[Peak]:
        pictures = self._windows.feed(samples)
        peaks = []
        for start in range(0, len(pictures), BATCH_WINDOWS):
            heard = self._engine.hear(np.ascontiguousarray(pictures[start : start + BATCH_WINDOWS]))
            peaks += self._scanner.feed(self._vocabulary.folded(heard.scores))
        return peaks

    def _matches(self, peaks: Sequence[Peak]) -> list[Match]:
        return [self._vocabulary.match(peak, self._span(peak)) for peak in peaks]

    def _span(self, peak: Peak) -> tuple[float, float]:
        start, end = peak.span_seconds(self._step_seconds, self._window_seconds)
        shifted = (start - self._padding_seconds, end - self._padding_seconds)
        return max(0.0, shifted[0]), min(self.duration_seconds, shifted[1])
