"""Work that is shared keeps its order and never piles up."""

import os
import time
from collections.abc import Sequence

import pytest

from training.shared.workers import Workers


def squares(batch: Sequence[int]) -> list[int]:
    """Take longer for the first, so that the others are done before them."""
    time.sleep(0.05 if 0 in batch else 0)
    return [number**2 for number in batch]


def own_process(batch: Sequence[int]) -> int:
    return os.getpid()


def fail(batch: Sequence[int]) -> None:
    raise ValueError(f"no {batch[0]}")


@pytest.mark.parametrize("processes", [1, 2])
class TestWorkers:
    """With one process and with several the same."""

    def test_order_is_that_of_the_items(self, processes: int) -> None:
        with Workers(processes) as workers:
            found = [square for batch in workers.map("Squares", squares, range(50), 4) for square in batch]
            assert found == [number**2 for number in range(50)]
            assert list(workers.map("None", squares, [], 4)) == []

    def test_what_fails_is_raised(self, processes: int) -> None:
        with Workers(processes) as workers, pytest.raises(ValueError, match="no 0"):
            list(workers.map("Failing", fail, range(1_000), 1))

    def test_processes_are_as_many_as_told(self, processes: int) -> None:
        with Workers(processes) as workers:
            found = set(workers.map("Who", own_process, range(200), 1))
        assert len(found) <= processes
        assert (os.getpid() in found) == (processes == 1)


def test_little_is_asked_for_ahead() -> None:
    asked = []

    class Watched(list[int]):
        def __getitem__(self, part: slice) -> list[int]:
            asked.append(part)
            return list(super().__getitem__(part))

    with Workers(2) as workers:
        next(workers.map("Squares", squares, Watched(range(10_000)), 1))
    assert len(asked) < 20
