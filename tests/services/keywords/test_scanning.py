"""Peaks: as the plain definition has them, however the scores are cut, and told as soon as they are certain."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.keywords.scanning import LEAST_WORD_SECONDS, Peak, Scanner, Scores

APART, REACH = 10, 3
LEAST = np.array([0.5, 0.5, 0.7], np.float32)
COLUMNS = len(LEAST) + 1

tables = st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 120), st.sampled_from([0.02, 0.2, 1.0])).map(
    lambda drawn: _table(*drawn)
)


def _table(seed: int, windows: int, roughness: float) -> Scores:
    """Return scores that wander, steeply or slowly, with ties among them; the last column is no word."""
    draw = np.random.default_rng(seed)
    walk = np.cumsum(draw.normal(scale=roughness, size=(windows, COLUMNS)), axis=0) + draw.random(COLUMNS)
    return (np.abs(walk % 2 - 1).round(2)).astype(np.float32)


def scanned(scores: Scores, cuts: list[int] | None = None) -> list[Peak]:
    scanner = Scanner(LEAST, APART, REACH)
    parts = np.split(scores, sorted(cuts or []))
    return [peak for part in parts for peak in scanner.feed(part)] + scanner.finish()


def defined(scores: Scores) -> list[tuple[int, int]]:
    """Return (window, column) of the peaks, by the definition and nothing else."""
    rows = [scores[max(0, row - REACH) : row + REACH + 1] for row in range(len(scores))]
    smooth = [np.add.reduce(near) / np.float32(len(near)) for near in rows]
    candidates = []
    for window, row in enumerate(smooth):
        passing = [(-row[column], column) for column in range(len(LEAST)) if row[column] >= LEAST[column]]
        if passing:
            candidates.append((min(passing)[0], window, min(passing)[1]))
    chosen: list[tuple[int, int]] = []
    for _, window, column in sorted(candidates):
        if all(abs(window - other) >= APART for other, _ in chosen):
            chosen.append((window, column))
    return sorted(chosen)


@settings(deadline=None)
@given(tables)
def test_peaks_are_those_of_the_definition(scores: Scores) -> None:
    assert [(peak.window, peak.column) for peak in scanned(scores)] == defined(scores)


@settings(deadline=None)
@given(tables, st.lists(st.integers(0, 120), max_size=30))
def test_cuts_change_nothing(scores: Scores, cuts: list[int]) -> None:
    assert scanned(scores, cuts) == scanned(scores)


@settings(deadline=None)
@given(tables)
def test_spans_hold_the_least_and_do_not_overlap(scores: Scores) -> None:
    spans = [peak.span_seconds(0.1, 1.0) for peak in scanned(scores)]
    for start, end in spans:
        assert end - start >= LEAST_WORD_SECONDS - 1e-9
    for (_, end), (start, _) in pairwise(spans):
        assert end <= start + 1e-9
    for peak, (start, end) in zip(scanned(scores), spans, strict=True):
        assert peak.window * 0.1 - 1e-9 <= start < end <= peak.window * 0.1 + 1 + 1e-9


@settings(deadline=None)
@given(tables)
def test_a_peak_is_told_when_no_later_window_can_displace_it(scores: Scores) -> None:
    scanner = Scanner(LEAST, APART, REACH)
    told = [(peak, row) for row in range(len(scores)) for peak in scanner.feed(scores[row : row + 1])]
    for peak, row in told:
        assert row >= peak.window + APART - 1 + REACH, "a window less than `apart` away was still to come"
    lone = [pair for pair in told if _is_lone(pair[0], scores)]
    assert all(row == peak.window + APART - 1 + REACH for peak, row in lone)


def _is_lone(peak: Peak, scores: Scores) -> bool:
    """Tell whether no other window near the peak could be one."""
    near = slice(max(0, peak.window - 2 * APART), peak.window + 2 * APART)
    return sum((scores[near, : len(LEAST)] >= LEAST).any(axis=1)) <= 1


def test_the_span_is_what_all_windows_that_hear_a_word_share() -> None:
    scores = np.zeros((30, COLUMNS), np.float32)
    scores[10:16, 1] = 0.9  # smoothing takes the ends in: of 4 of 7 windows with 0.9 the mean is 0.51, which passes
    [peak] = scanned(scores)
    assert (peak.column, peak.first, peak.last) == (1, 10, 15)
    assert peak.span_seconds(0.1, 1.0) == pytest.approx((1.5, 2.0))


def test_ends_are_smoothed_with_the_neighbours_that_are_there() -> None:
    scores = np.zeros((2, COLUMNS), np.float32)
    scores[0, 0] = 1.0
    [peak] = scanned(scores)
    assert (peak.window, peak.score) == (0, 0.5)
    assert [peak.score for peak in scanned(scores[:1])] == [1.0]


def test_the_best_window_is_the_highest_that_passes() -> None:
    scores = np.zeros((20, COLUMNS), np.float32)
    scores[0:7, 2], scores[12:20, 0] = 0.69, 0.55
    scanner = Scanner(LEAST, APART, REACH)
    scanner.feed(scores)
    scanner.finish()
    assert scanner.best[0] == pytest.approx(0.55), "the third word is higher and below its threshold"
    nothing = Scanner(LEAST, APART, REACH)
    nothing.feed(scores[:7])
    nothing.finish()
    assert nothing.best[2] == pytest.approx(0.69)


def test_old_windows_are_forgotten() -> None:
    scanner = Scanner(LEAST, APART, REACH)
    for _ in range(100):
        scanner.feed(np.zeros((100, COLUMNS), np.float32))
    assert len(scanner._scores) <= 2 * APART
