"""A word of somebody's own, learned from some recordings of it; the network itself stays as it is.

A word becomes a linear score of the network's embeddings: logistic regression between the windows that hold the word,
and a bank of windows that hold other words, read speech and noise. Where in a recording the word is need not be known:
the loudest window is taken first, and then the one that the score finds itself. Training's check imports it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.keywords.engine import Thresholds
from services.keywords.logistic import Bank, Embeddings, Margins, Scorer, sigmoid
from services.keywords.scanning import CLIP_REACH
from services.keywords.takes import Take

FEWEST_TAKES = 5
"""Recordings below which a word cannot be told from others."""
CLIP_THRESHOLD = 0.5
"""What the score is made to be at which too little of the bank is taken for the word to trouble short recordings."""
SURE = 0.9
"""What the score of the middle one of the recordings is made to be, unless that lies too near."""

_SEARCHES = 2
"""How often the word is looked for with what was learned of it."""
_AROUND = 1
"""Windows before and behind the best one that hold the word too, and are learned as well."""
_MOST_FOLDS = 10
_MOST_STRANGE = 0.15
"""Share of the recordings that may be left out."""
_TAKEN_OF_CLIPS = 0.003
"""Share of the bank that may be taken for the word where a recording is one command ..."""
_TAKEN_OF_STREAMS = 1e-4
"""... and where it is a long one, which has ten windows a second."""
_TAIL = 0.02
"""Share of the bank, highest margins first, that tells how they thin out above it."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What was learned of a word. How well it is told is judged by scorers that had not seen what they judge."""

    scorer: Scorer
    thresholds: Thresholds
    heard: tuple[bool, ...]
    """For each recording, whether it is taken for the word."""
    false_accepts: float
    """Share of the bank's windows that are taken for the word, each as a recording of its own."""


def enrol(takes: Sequence[Take], negatives: Embeddings) -> Enrolment:
    """Learn a word from at least FEWEST_TAKES recordings, and a bank [m, d] of windows that do not hold it.

    The few recordings that are least like the others, and are not recognised by them, are not learned from: what holds
    something else would draw the score towards that.
    """
    bank = Bank(negatives)
    judged = _judged(takes, bank)
    strange = _strange(judged)
    if not strange.any():
        return judged.enrolment()
    kept = [take for take, is_strange in zip(takes, strange, strict=True) if not is_strange]
    found = _judged(kept, bank)
    margins = iter(found.of_takes)
    of_all = [
        found.scorer.margins(take.embeddings) if out else next(margins)
        for take, out in zip(takes, strange, strict=True)
    ]
    return replace(found, of_takes=of_all).enrolment()


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was learned, and the margins of windows by scorers that have not learned from them."""

    scorer: Scorer
    of_takes: list[Margins]
    of_bank: Margins

    @property
    def least(self) -> float:
        """The margin from which on a window is taken for the word, in short recordings."""
        return _exceeded_by(self.of_bank, _TAKEN_OF_CLIPS)

    def best(self) -> Margins:
        """Return the margin of the best window of each recording."""
        return np.array([_smoothed(margins).max() for margins in self.of_takes])

    def enrolment(self) -> Enrolment:
        """Return scores of which CLIP_THRESHOLD stands where margins are `least`."""
        least, least_in_streams = self.least, _exceeded_by(self.of_bank, _TAKEN_OF_STREAMS)
        scale = _logit(SURE) / max(float(np.median(self.best())) - least, float(self.of_bank.std()))
        scores = [_smoothed(sigmoid(scale * (margins - least))).max() for margins in self.of_takes]
        return Enrolment(
            self.scorer.rescaled(least, scale),
            Thresholds(CLIP_THRESHOLD, float(sigmoid(np.array(scale * (least_in_streams - least))))),
            tuple(bool(score >= CLIP_THRESHOLD) for score in scores),
            float((self.of_bank >= least).mean()),
        )


def _strange(judged: _Judged) -> NDArray[np.bool_]:
    """Tell which recordings are below the rest and are not recognised, of _MOST_STRANGE of all at most."""
    best = judged.best()
    edge = np.sort(best)[int(_MOST_STRANGE * len(best))]
    strange: NDArray[np.bool_] = best < min(float(edge), judged.least)
    return strange


def _judged(takes: Sequence[Take], bank: Bank) -> _Judged:
    scorer, windows = _searched(takes, bank)
    return _Judged(scorer, *_unseen_margins(takes, windows, bank, scorer))


def _searched(takes: Sequence[Take], bank: Bank) -> tuple[Scorer, list[Embeddings]]:
    """Return what is learned at last, and the windows of each recording that it is learned from."""
    windows = [_around(take, int(take.energy.argmax())) for take in takes]
    scorer = bank.scorer(np.concatenate(windows))
    for _ in range(_SEARCHES):
        windows = [_around(take, int(_smoothed(scorer.margins(take.embeddings)).argmax())) for take in takes]
        scorer = bank.scorer(np.concatenate(windows), scorer)
    return scorer, windows


def _around(take: Take, window: int) -> Embeddings:
    return take.embeddings[max(0, window - _AROUND) : window + _AROUND + 1]


def _unseen_margins(
    takes: Sequence[Take], windows: Sequence[Embeddings], bank: Bank, start: Scorer
) -> tuple[list[Margins], Margins]:
    """Return the margins of each recording's windows and of the bank, by scorers that have not learned from them."""
    folds = min(len(takes), _MOST_FOLDS)
    of_takes: list[Margins] = [np.empty(0)] * len(takes)
    of_bank = np.empty(len(bank.negatives))
    for fold in range(folds):
        part = slice(fold, None, folds)
        learned = [window for index, window in enumerate(windows) if index % folds != fold]
        scorer = bank.scorer(np.concatenate(learned), start, without=part)
        of_takes[part] = [scorer.margins(take.embeddings) for take in takes[part]]
        of_bank[part] = scorer.margins(bank.negatives[part])
    return of_takes, of_bank


def _exceeded_by(margins: Margins, share: float) -> float:
    """Return the margin that a share of such margins exceeds, as their tail, which thins out like e^-x, promises it."""
    edge = np.quantile(margins, 1 - _TAIL)
    return float(edge + (margins[margins >= edge] - edge).mean() * np.log(_TAIL / share))


def _smoothed(values: Margins) -> Margins:
    """Return the mean of each value and its neighbours, as scores of a clip are smoothed where words are heard."""
    near = np.ones(2 * CLIP_REACH + 1)
    sums, counts = (np.convolve(rows, near)[CLIP_REACH:-CLIP_REACH] for rows in (values, np.ones(len(values))))
    smoothed: Margins = sums / counts
    return smoothed


def _logit(score: float) -> float:
    return float(np.log(score / (1 - score)))
