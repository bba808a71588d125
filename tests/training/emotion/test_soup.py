"""Averaged weights lie in the middle."""

import pytest

torch = pytest.importorskip("torch")

from training.emotion.soup import average  # noqa: E402


def test_average_is_the_mean_of_each_weight() -> None:
    runs = [{"a": torch.tensor([1.0, 2.0]), "b": torch.tensor(0.0)}]
    runs += [{"a": torch.tensor([3.0, 6.0]), "b": torch.tensor(1.0)}]
    found = average(runs)
    assert found["a"].tolist() == [2.0, 4.0]
    assert found["b"].item() == 0.5
