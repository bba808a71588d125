"""How a model does on sound that goes on: commands that it keeps, and how often it hears one where none was said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.keywords.answers import Vocabulary
from services.keywords.engine import KeywordEngine
from services.keywords.hearing import Hearing
from training.keywords.folders import recordings_of
from training.shared.sounds import Damaged, Samples, read_sound

LEAST_SCORE = 0.05
MARGIN_SECONDS = 0.5
"""Sound before and behind a command."""
LONGEST_SECONDS = 600.0

Scores = NDArray[np.float64]


@dataclass
class FalseAccepts:
    """What was heard in speech without commands: scores of all matches, and the hours that were listened to."""

    scores: list[float] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    hours: float = 0.0

    def per_hour(self, threshold: float) -> float:
        """Return how many matches an hour reach a threshold."""
        return sum(score >= threshold for score in self.scores) / self.hours if self.hours else 0.0


def command_scores(engine: KeywordEngine, clips: Iterable[tuple[Samples, str]], around: Iterator[Samples]) -> Scores:
    """Return for each clip of a command the score with which scanning finds it between other sound; 0 if it does not.

    `around` gives what stands before and behind each clip, float32 of MARGIN_SECONDS.
    """
    return np.array(
        [_kept_score(engine, np.concatenate([next(around), clip, next(around)]), word) for clip, word in clips]
    )


def false_accepts(engine: KeywordEngine, speech: Iterable[tuple[Samples, str]]) -> FalseAccepts:
    """Listen to recordings of speech, given with what is said in them as far as it is known.

    A word that was said is not falsely heard.
    """
    found = FalseAccepts()
    for samples, text in speech:
        said = set(text.lower().split())
        found.hours += len(samples) / engine.features.sample_rate_hz / 3600
        for word, score in _matches(engine, samples):
            if word not in said:
                found.scores.append(score)
                found.words.append(word)
    return found


def speech_of(folder: Path, sample_rate_hz: int) -> Iterator[tuple[Samples, str]]:
    """Yield the recordings of a folder, and their texts where a metadata.csv has them."""
    for recording in recordings_of(folder):
        try:
            yield read_sound(recording.path, sample_rate_hz, LONGEST_SECONDS), recording.text
        except Damaged:
            continue


def operating_points(commands: Scores, found: Mapping[str, FalseAccepts]) -> list[dict[str, float]]:
    """Return the share of commands that is kept, and false accepts an hour of each speech, at many thresholds."""
    thresholds = np.append(np.arange(0.05, 0.95, 0.025), [0.95, 0.96, 0.97, 0.98, 0.985, 0.99]).round(3).tolist()
    return [
        {"threshold": threshold, "kept": float(np.mean(commands >= threshold))}
        | {name: one.per_hour(threshold) for name, one in found.items()}
        for threshold in thresholds
    ]


def threshold_that_keeps(share: float, commands: Scores) -> float:
    """Return the highest threshold that keeps a share of the commands."""
    return float(np.quantile(commands, 1 - share, method="lower"))


def _kept_score(engine: KeywordEngine, samples: Samples, word: str) -> float:
    return max((score for heard, score in _matches(engine, samples) if heard == word), default=0.0)


def _matches(engine: KeywordEngine, samples: Samples) -> Sequence[tuple[str, float]]:
    vocabulary = Vocabulary(engine.labels)
    least = np.full(len(vocabulary.words), LEAST_SCORE, np.float32)
    hearing = Hearing(engine, vocabulary, least)
    return [(match.keyword, match.score) for match in hearing.finish(samples)]
