"""Enrolling a word, on recordings whose windows are points: the word lies along one axis, all else about the origin."""

import numpy as np
import pytest

from services.keywords.enrolment import CLIP_THRESHOLD, Enrolment, enrol
from services.keywords.takes import Take

DIMENSIONS, WORD = 12, 3
STRENGTH = 7.0


def recording(seed: int, strength: float = STRENGTH, windows: int = 20, *, loud_elsewhere: bool = False) -> Take:
    """Return a recording in which the word comes and goes within five windows."""
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(windows, DIMENSIONS))
    middle = int(chance.integers(2, windows - 2)) if windows > 4 else 0
    shape = np.clip(1 - np.abs(np.arange(windows) - middle) / 3, 0, 1)
    points[:, WORD] += strength * shape
    energy = shape + 0.01
    if loud_elsewhere:
        energy[(middle + windows // 2) % windows] = 5
    return Take(points.astype(np.float32), energy)


NEGATIVES = np.random.default_rng(99).normal(size=(2_000, DIMENSIONS)).astype(np.float32)


def best(found: Enrolment, take: Take) -> float:
    return float(found.scorer.scores(take.embeddings).max())


@pytest.fixture(scope="module")
def found() -> Enrolment:
    return enrol([recording(seed) for seed in range(20)], NEGATIVES)


class TestEnrol:
    def test_hears_recordings_that_it_has_not_seen(self, found: Enrolment) -> None:
        heard = [best(found, recording(seed)) >= CLIP_THRESHOLD for seed in range(100, 150)]
        assert np.mean(heard) > 0.9

    def test_takes_little_else_for_the_word(self, found: Enrolment) -> None:
        others = np.random.default_rng(100).normal(size=(5_000, DIMENSIONS)).astype(np.float32)
        scores = found.scorer.scores(others)
        assert (scores >= found.thresholds.clip).mean() < 0.03
        assert (scores >= found.thresholds.stream).mean() < 0.003

    def test_thresholds(self, found: Enrolment) -> None:
        assert found.thresholds.clip == CLIP_THRESHOLD < found.thresholds.stream < 1

    def test_tells_how_well_it_hears(self, found: Enrolment) -> None:
        assert len(found.heard) == 20
        assert np.mean(found.heard) > 0.9
        assert found.false_accepts < 0.03

    def test_finds_the_word_where_something_else_is_louder(self) -> None:
        takes = [recording(seed, loud_elsewhere=seed % 3 == 0) for seed in range(20)]
        found = enrol(takes, NEGATIVES)
        assert np.mean([best(found, recording(seed)) >= CLIP_THRESHOLD for seed in range(100, 150)]) > 0.9

    def test_recordings_of_something_else_are_not_heard(self) -> None:
        takes = [recording(seed, strength=0 if seed in (4, 11) else STRENGTH) for seed in range(20)]
        found = enrol(takes, NEGATIVES)
        assert not found.heard[4]
        assert not found.heard[11]
        assert sum(found.heard) > 15

    def test_recordings_of_no_word_are_told_by_their_recall(self) -> None:
        found = enrol([recording(seed, strength=0) for seed in range(20)], NEGATIVES)
        assert np.mean(found.heard) < 0.5
        assert found.false_accepts < 0.03

    @pytest.mark.parametrize("windows", [1, 2, 3])
    def test_short_recordings(self, windows: int) -> None:
        found = enrol([recording(seed, windows=windows) for seed in range(5)], NEGATIVES)
        assert best(found, recording(100, windows=windows)) >= CLIP_THRESHOLD

    def test_recordings_that_are_all_the_same(self) -> None:
        found = enrol([recording(0)] * 5, NEGATIVES)
        assert found.heard == (True,) * 5
        assert np.isfinite(found.scorer.weights).all()
