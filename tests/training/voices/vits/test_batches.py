"""Batches are of like lengths, the same for a seed wherever an epoch begins, and each recording comes as often."""

from collections import Counter

import pytest

pytest.importorskip("torch")

from training.voices.vits.batches import Batches
from training.voices.vits.distributed import Place
from training.voices.vits.settings import Settings

ALONE = Place()
SETTINGS = Settings(batch=4, steps=10)
LENGTHS = [7 * index % 50 for index in range(38)]


def steps(first: int, settings: Settings = SETTINGS, place: Place = ALONE) -> list[list[int]]:
    batches = Batches(LENGTHS, settings, place)
    batches.step = first
    found = list(batches)
    assert len(batches) == len(found)
    return found


def test_an_epoch_goes_through_all_recordings_and_goes_on_where_it_was() -> None:
    whole = steps(0)
    assert Counter(index for batch in whole for index in batch) == Counter(range(38))
    assert steps(7) == whole[7:]
    assert steps(10) != whole
    spread = [max(LENGTHS[at] for at in batch) - min(LENGTHS[at] for at in batch) for batch in whole]
    assert sum(spread) / len(spread) < 8


def test_another_seed_has_another_order() -> None:
    assert steps(0, Settings(batch=4, steps=10, seed=2)) != steps(0)


def test_processes_share_what_one_would_do() -> None:
    alone = steps(0) + steps(10)
    first, second = (steps(0, place=Place(rank, 2)) for rank in (0, 1))
    assert [batch for pair in zip(first, second, strict=True) for batch in pair] == alone
