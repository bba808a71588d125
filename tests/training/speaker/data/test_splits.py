"""Speakers are dealt out evenly within each stratum, however small it is, and always in the same way."""

from collections import Counter

import pytest

from shared.problems import InvalidInput
from training.speaker.data.clip import AGE_GROUPS, GENDERS, SPLITS
from training.speaker.data.splits import Shares, dealt

SHARES = [Shares(), Shares(0.7, 0.2, 0.1, seed=7), Shares(0.5, 0.0, 0.5), Shares(1.0, 0.0, 0.0), Shares(0, 0, 1)]


@pytest.mark.parametrize("shares", SHARES)
def test_every_stratum_is_close_to_the_shares_at_any_size(shares: Shares) -> None:
    for gender in GENDERS:
        for age_group in AGE_GROUPS:
            counts: Counter[str] = Counter()
            for place in range(1000):
                counts[shares.split(gender, age_group, place)] += 1
                for split, share in zip(SPLITS, shares.of_splits, strict=True):
                    assert abs(counts[split] - share * (place + 1)) < (1.6 if place < 10 else 3.1)


def test_those_who_are_alone_in_their_stratum_do_not_all_go_to_one_side() -> None:
    first = Counter(Shares(seed=seed).split("female", "eighties", 0) for seed in range(1000))
    assert first["train"] in range(750, 850)
    assert min(first["validation"], first["test"]) > 60


def test_dealing_goes_on_where_it_stopped() -> None:
    people = [(f"s{number}", "male", "sixties") for number in range(50)]
    whole = list(dealt(people, Counter(), Shares()))
    known = Counter({("male", "sixties"): 20})
    assert whole[:20] + list(dealt(people[20:], known, Shares())) == whole


def test_another_seed_is_another_order_and_another_start() -> None:
    assert Shares(seed=1).order("a") != Shares(seed=2).order("a")
    ways = {tuple(Shares(seed=seed).split("other", "teens", place) for place in range(20)) for seed in range(20)}
    assert len(ways) > 10


@pytest.mark.parametrize("shares", [(0.8, 0.1, 0.2), (1.2, -0.2, 0.0), (float("nan"), 0.5, 0.5), (0.0, 0.0, 0.0)])
def test_shares_that_are_none(shares: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInput):
        Shares(*shares)
