"""From the scores of windows, in turn, to the words that peak in them. Training's evaluation imports it, too."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

STEP_SECONDS = 0.1
"""From one window's start to the next one's, as near as the features allow."""
LEAST_WORD_SECONDS = 0.2
CLIP_REACH = 1
STREAM_REACH = 3
"""Windows on either side that a window's scores are averaged with. A word in a stream is heard in many windows; what
only sounds like one flares up in a few: fewer false accepts at equal recall, but a word is told later. A clip may have
no room around its word."""

_NO_WORD = -1


@dataclass(frozen=True, slots=True)
class Peak:
    """A word that was heard, counted in windows: where its score is highest, and how far it is heard around that."""

    window: int
    column: int
    score: float
    first: int
    last: int

    def span_seconds(self, step_seconds: float, window_seconds: float) -> tuple[float, float]:
        """Return where the word is: the part that all windows in which it is heard share, within the peak's window.

        A window that holds a word whole hears it, so what such windows share is the word. Windows that hear a word of
        which they hold a part make it too short: LEAST_WORD_SECONDS it is at least. Spans of peaks do not overlap.
        """
        start, end = self.last * step_seconds, self.first * step_seconds + window_seconds
        missing = max(0.0, LEAST_WORD_SECONDS - (end - start)) / 2
        earliest = self.window * step_seconds
        latest = earliest + window_seconds
        return (
            min(max(start - missing, earliest), latest - LEAST_WORD_SECONDS),
            max(min(end + missing, latest), earliest + LEAST_WORD_SECONDS),
        )


class Scanner:
    """Finds the peaks in scores that come piece by piece, each as soon as no later window can displace it.

    Scores are smoothed: each window's are the mean of its own and those of `reach` windows on either side. A window
    whose best word then reaches its threshold is a candidate. The highest candidate is a peak and displaces all others
    less than `apart` windows away, then the next highest, and so on; of equal ones the earlier wins. How the scores
    are cut changes nothing.
    """

    def __init__(self, least: Scores, apart: int, reach: int) -> None:
        """`least` [words] holds the thresholds of the first columns of the scores; further columns are no words."""
        self._least = least
        self._apart = apart
        self._smoother = _Smoother(reach)
        self._start = 0
        self._columns = np.empty(0, np.int64)
        self._scores = np.empty(0, np.float32)
        self._open = np.empty(0, np.bool_)
        self._best_strength = -1.0
        self.best = np.empty(0, np.float32)
        """Smoothed scores [columns] of the best window: that of the highest score which makes a candidate, or else that
        of the highest score of a word."""

    def feed(self, scores: Scores) -> list[Peak]:
        """Take the scores of the next windows, [n, columns]; return the peaks that are certain by now, in order."""
        return self._take(self._smoother.feed(scores), is_last=False)

    def finish(self) -> list[Peak]:
        """Return the rest of the peaks."""
        return self._take(self._smoother.finish(), is_last=True)

    def _take(self, scores: Scores, *, is_last: bool) -> list[Peak]:
        words = scores[:, : len(self._least)]
        passing = np.where(words >= self._least, words, _NO_WORD)
        self._note_best(scores, words, passing)
        is_candidate = passing.max(axis=1, initial=_NO_WORD) >= 0
        columns = passing.argmax(axis=1) if words.size else np.zeros(len(words), np.int64)
        self._columns = np.concatenate([self._columns, np.where(is_candidate, columns, _NO_WORD)])
        self._scores = np.concatenate([self._scores, passing.max(axis=1, initial=_NO_WORD)])
        self._open = np.concatenate([self._open, is_candidate])
        peaks = sorted(self._decided(is_last=is_last), key=lambda peak: peak.window)
        self._forget()
        return peaks

    def _note_best(self, scores: Scores, words: Scores, passing: Scores) -> None:
        if not words.size:
            return
        strengths = np.where(passing.max(axis=1) >= 0, 1 + passing.max(axis=1), words.max(axis=1))
        row = int(strengths.argmax())
        if strengths[row] > self._best_strength:
            self._best_strength, self.best = float(strengths[row]), scores[row]

    def _decided(self, *, is_last: bool) -> list[Peak]:
        """Go through the open candidates, highest first, as far as they can be decided."""
        known = len(self._scores)
        displaced, undecided = np.zeros((2, known), np.bool_)
        candidates = np.flatnonzero(self._open)
        peaks = []
        for window in candidates[np.lexsort((candidates, -self._scores[candidates]))].tolist():
            around = slice(max(0, window - self._apart + 1), window + self._apart)
            if displaced[window]:
                self._open[window] = False
            elif undecided[window] or not (is_last or window + self._apart <= known):
                undecided[around] = True
            else:
                displaced[around] = True
                self._open[window] = False
                peaks.append(self._peak(window))
        return peaks

    def _peak(self, window: int) -> Peak:
        """Describe the peak in a window, with the windows around it in which its word is the best, too."""
        start, end = max(0, window - self._apart + 1), window + self._apart
        others = np.flatnonzero(self._columns[start:end] != self._columns[window]) + start
        first = int(others[others < window].max(initial=start - 1)) + 1
        last = int(others[others > window].min(initial=min(end, len(self._columns)))) - 1
        column, score = int(self._columns[window]), float(self._scores[window])
        return Peak(self._start + window, column, score, self._start + first, self._start + last)

    def _forget(self) -> None:
        """Keep only the windows that a decision can still depend on."""
        earliest = int(self._open.argmax()) if self._open.any() else len(self._open)
        old = max(0, earliest - self._apart)
        self._start += old
        self._columns, self._scores, self._open = self._columns[old:], self._scores[old:], self._open[old:]


class _Smoother:
    """The mean of each row and of `reach` rows on either side, as far as there are any, of rows that come in pieces."""

    def __init__(self, reach: int) -> None:
        self._reach = reach
        self._held: Scores | None = None

    def feed(self, rows: Scores) -> Scores:
        """Take rows [n, columns]; return the means [m, columns] of those whose neighbours are all there."""
        counted = np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)
        if self._held is None:
            self._held = self._nothing(counted)
        return self._push(counted)

    def finish(self) -> Scores:
        """Return the means of the newest rows."""
        return np.empty((0, 0), np.float32) if self._held is None else self._push(self._nothing(self._held))

    def _push(self, counted: Scores) -> Scores:
        """Take rows with a count in their last column."""
        rows = np.concatenate([self._held, counted])
        width = 2 * self._reach
        self._held = rows[-width:] if width else rows[:0]
        whole = max(0, len(rows) - width)
        sums = np.sum([rows[start : start + whole] for start in range(width + 1)], axis=0)
        means: Scores = sums[:, :-1] / sums[:, -1:]
        return means

    def _nothing(self, like: Scores) -> Scores:
        """Return rows that count nothing, for what is before the first and behind the last."""
        return np.zeros((self._reach, like.shape[1]), np.float32)
