"""Which frames belong to which symbol, found in the recordings alone.

Flat-start Viterbi training of hidden Markov models, as in the HTK book (Young et al. 2006, chapter 8): a Gaussian for
each state of a symbol, all recordings cut evenly at first, then cut anew and learned anew in turns. Symbols that sound
(letters of the IPA) have two states; pauses have one, and may be skipped; what only tells how another sounds (stress,
length) takes no time.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
Integers = NDArray[np.int64]
ROUNDS = 12
_BATCH = 64
_LEAST_VARIANCE = 0.05
_IMPOSSIBLE = np.float32(-1e30)
_EXCLUDED = frozenset({"Lm", "Mn", "Sk"})
"""Unicode categories of stress and length marks, and of combining ones."""


@dataclass(frozen=True)
class Unit:
    """How a symbol may be in time."""

    states: int
    may_be_skipped: bool = False


def unit_of(symbol: str, *, is_edge: bool = False) -> Unit:
    """Return how a symbol behaves; the edges, `^` and `$`, are pauses that are always there."""
    if is_edge:
        return Unit(1)
    if not symbol or unicodedata.category(symbol[0]) in _EXCLUDED:
        return Unit(0)
    return Unit(2) if symbol[0].isalpha() else Unit(1, may_be_skipped=True)


@dataclass(frozen=True)
class Sentence:
    """Symbols' ids (n,) and what was heard, (frames, features)."""

    ids: Integers
    heard: Numbers


class Aligner:
    """Models of all symbols. `units[id]` tells how the symbol of that id behaves."""

    def __init__(self, units: Sequence[Unit], features: int) -> None:
        self._units = units
        self._first_state = np.concatenate(([0], np.cumsum([unit.states for unit in units])))
        self._means = np.zeros((self._first_state[-1], features))
        self._variances = np.ones_like(self._means)

    def learn(self, sentences: Sequence[Sentence], rounds: int = ROUNDS) -> Iterator[float]:
        """Learn from scratch; yield the likelihood of a frame after each round, which should grow."""
        self._estimate(sentences, [self._evenly(sentence) for sentence in sentences])
        for _ in range(rounds):
            paths, score = self._paths(sentences)
            self._estimate(sentences, paths)
            yield score / sum(len(sentence.heard) for sentence in sentences)

    def durations(self, sentences: Sequence[Sentence]) -> list[Integers]:
        """Return for each sentence the frames of each symbol, (n,); they add up to the sentence's frames."""
        paths, _ = self._paths(sentences)
        return [self._counted(sentence, path) for sentence, path in zip(sentences, paths, strict=True)]

    def _states(self, sentence: Sentence) -> tuple[Integers, Integers, NDArray[np.bool_]]:
        """Return each state's model, its symbol's place, and whether it may be skipped."""
        units = [self._units[id] for id in sentence.ids]
        places = np.repeat(np.arange(len(units)), [unit.states for unit in units])
        models = [self._first_state[id] + state for id in sentence.ids for state in range(self._units[id].states)]
        return np.array(models), places, np.array([units[place].may_be_skipped for place in places])

    def _evenly(self, sentence: Sentence) -> Integers:
        states = np.flatnonzero(~self._states(sentence)[2])
        return states[np.arange(len(sentence.heard)) * len(states) // len(sentence.heard)]

    def _estimate(self, sentences: Sequence[Sentence], paths: Sequence[Integers]) -> None:
        models = np.concatenate([self._states(s)[0][path] for s, path in zip(sentences, paths, strict=True)])
        heard = np.concatenate([sentence.heard for sentence in sentences]).astype(np.float64)
        counts = np.bincount(models, minlength=len(self._means))[:, None]
        sums, squares = np.zeros_like(self._means), np.zeros_like(self._means)
        np.add.at(sums, models, heard)
        np.add.at(squares, models, heard**2)
        enough = counts[:, 0] > 1
        self._means[enough] = (sums / np.maximum(counts, 1))[enough]
        spread = squares / np.maximum(counts, 1) - self._means**2
        self._variances[enough] = np.maximum(spread, _LEAST_VARIANCE)[enough]

    def _likelihoods(self, heard: Numbers) -> Numbers:
        """Return the logarithm of each state's density, (frames, states)."""
        x = heard.astype(np.float64)
        constant = np.sum(np.log(self._variances) + self._means**2 / self._variances, axis=1)
        squares = x**2 @ (1 / self._variances).T - 2 * x @ (self._means / self._variances).T
        likelihoods: Numbers = (-0.5 * (squares + constant)).astype(np.float32)
        return likelihoods

    def _paths(self, sentences: Sequence[Sentence]) -> tuple[list[Integers], float]:
        """Return the likeliest state of each frame of each sentence, and their likelihood in all."""
        order = sorted(range(len(sentences)), key=lambda index: len(sentences[index].heard))
        paths, score = dict[int, Integers](), 0.0
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            found, own = self._batch_paths([sentences[index] for index in chosen])
            paths |= dict(zip(chosen, found, strict=True))
            score += own
        return [paths[index] for index in range(len(sentences))], score

    def _batch_paths(self, batch: Sequence[Sentence]) -> tuple[list[Integers], float]:
        states = [self._states(sentence) for sentence in batch]
        counts = np.array([len(models) for models, _, _ in states])
        lengths = np.array([len(sentence.heard) for sentence in batch])
        emitted = np.full((lengths.max(), len(batch), counts.max()), _IMPOSSIBLE)
        skips = np.zeros((len(batch), counts.max()), bool)
        for row, (sentence, (models, _, may_be_skipped)) in enumerate(zip(batch, states, strict=True)):
            emitted[: lengths[row], row, : counts[row]] = self._likelihoods(sentence.heard)[:, models]
            skips[row, 2 : counts[row]] = may_be_skipped[1 : counts[row] - 1]
        steps, scores = _viterbi(emitted, skips)
        ends = scores[lengths - 1, np.arange(len(batch)), counts - 1]
        return [_traced(steps[: lengths[row], row], counts[row] - 1) for row in range(len(batch))], float(ends.sum())

    def _counted(self, sentence: Sentence, path: Integers) -> Integers:
        places = self._states(sentence)[1]
        return np.bincount(places[path], minlength=len(sentence.ids))


def _viterbi(emitted: Numbers, skips: NDArray[np.bool_]) -> tuple[NDArray[np.int8], Numbers]:
    """Return how many states each best path came up by, and its likelihood, both (frames, sentences, states).

    A path begins in the first state and goes up by none or one, or by two over a state that may be skipped.
    """
    steps = np.zeros(emitted.shape, np.int8)
    scores = np.full(emitted.shape, _IMPOSSIBLE)
    scores[0, :, 0] = emitted[0, :, 0]
    for frame in range(1, len(emitted)):
        before, best, step = scores[frame - 1], scores[frame - 1].copy(), steps[frame]
        up = before[:, :-1] > best[:, 1:]
        best[:, 1:][up], step[:, 1:][up] = before[:, :-1][up], 1
        over = (before[:, :-2] > best[:, 2:]) & skips[:, 2:]
        best[:, 2:][over], step[:, 2:][over] = before[:, :-2][over], 2
        scores[frame] = best + emitted[frame]
    return steps, scores


def _traced(steps: NDArray[np.int8], last: int) -> Integers:
    """Return the state of each frame of the path that ends in the state `last`."""
    path = np.empty(len(steps), np.int64)
    state = last
    for frame in range(len(steps) - 1, -1, -1):
        path[frame] = state
        state -= int(steps[frame, state])
    return path
