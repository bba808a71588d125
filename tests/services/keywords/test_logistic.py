"""Logistic regression between some embeddings and a bank, on clouds of points."""

import numpy as np
import pytest

from services.keywords.logistic import Bank, Embeddings, Scorer, sigmoid

DIMENSIONS = 12


def cloud(count: int, towards: int | None = None, seed: int = 0) -> Embeddings:
    """Return points about the origin, or about a place along one axis."""
    points = np.random.default_rng(seed).normal(size=(count, DIMENSIONS))
    if towards is not None:
        points[:, towards] += 8
    return points.astype(np.float32)


@pytest.fixture(scope="module")
def bank() -> Bank:
    return Bank(cloud(600))


class TestScorer:
    def test_tells_points_that_it_has_not_seen(self, bank: Bank) -> None:
        scorer = bank.scorer(cloud(15, towards=3, seed=1))
        assert (scorer.scores(cloud(200, towards=3, seed=2)) > 0.5).mean() > 0.97
        assert (scorer.scores(cloud(600, seed=3)) > 0.5).mean() < 0.02

    def test_sees_directions_only(self, bank: Bank) -> None:
        scorer = bank.scorer(cloud(15, towards=3, seed=1))
        points = cloud(20, seed=4)
        np.testing.assert_allclose(scorer.margins(points), scorer.margins(points * 1000), atol=1e-4)

    def test_silence_without_any_direction_has_a_score(self, bank: Bank) -> None:
        scorer = bank.scorer(cloud(15, towards=3, seed=1))
        assert np.isfinite(scorer.scores(np.zeros((1, DIMENSIONS), np.float32))).all()

    def test_rescaled(self) -> None:
        scorer, points = Scorer(np.arange(DIMENSIONS) / 10.0, 0.3), cloud(5)
        np.testing.assert_allclose(scorer.rescaled(0.2, 4).margins(points), (scorer.margins(points) - 0.2) * 4)

    def test_positives_that_are_all_the_same(self, bank: Bank) -> None:
        scorer = bank.scorer(np.repeat(cloud(1, towards=3), 15, axis=0))
        assert np.isfinite(scorer.weights).all()

    def test_positives_that_are_negatives_too(self) -> None:
        scorer = Bank(cloud(100)).scorer(cloud(100))
        assert np.isfinite(scorer.weights).all()
        assert abs(float(scorer.margins(cloud(100)).mean())) < 1


class TestBank:
    def test_another_start_leads_to_the_same(self, bank: Bank) -> None:
        positives = cloud(15, towards=3, seed=1)
        elsewhere = bank.scorer(cloud(15, towards=3, seed=5))
        np.testing.assert_allclose(
            bank.scorer(positives, elsewhere).weights, bank.scorer(positives).weights, rtol=0.02, atol=0.02
        )

    def test_rows_that_are_left_out_are_not_learned(self) -> None:
        negatives = np.concatenate([cloud(300), cloud(30, towards=3, seed=7)])
        positives = cloud(15, towards=3, seed=1)
        alike = cloud(50, towards=3, seed=8)
        all_learned = Bank(negatives).scorer(positives)
        without = Bank(negatives).scorer(positives, without=slice(300, None))
        assert without.scores(alike).mean() > all_learned.scores(alike).mean() + 0.1


def test_sigmoid_stays_in_range() -> None:
    assert sigmoid(np.array([-1e9, 0.0, 1e9])).tolist() == pytest.approx([0, 0.5, 1])
