"""On which side of the split a speaker comes: each stratum (gender and age group) is dealt out in the given shares.

A speaker stays where they are once they are dealt, as the catalogue remembers it. A mere hash of the name would need no
memory, but is no stratified split: of the few people of eighty it may put all on one side.
"""

import hashlib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from shared.problems import InvalidInput
from training.speaker.data.clip import SPLITS, Speaker, Split

_GOLDEN = 0.6180339887498949
"""Steps of this length around a circle lie as evenly as can be, wherever one stops."""


@dataclass(frozen=True, slots=True)
class Shares:
    """How speakers are dealt: shares of train, validation and test, and a seed. Raises InvalidInput."""

    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1
    seed: int = 1

    def __post_init__(self) -> None:
        if min(self.of_splits) < 0 or not abs(sum(self.of_splits) - 1) < 1e-6:
            raise InvalidInput("The shares of train, validation and test are numbers of 0 or more with a sum of 100.")

    @property
    def of_splits(self) -> tuple[float, float, float]:
        """The shares, in the order of the splits."""
        return self.train, self.validation, self.test

    def order(self, speaker: str) -> str:
        """Return by what the speakers of a stratum are sorted before they are dealt."""
        return _hash(f"{self.seed}:{speaker}").hex()

    def split(self, gender: str, age_group: str, place: int) -> Split:
        """Return the split of the speaker that is at this place of a stratum, from 0 on.

        Each stratum starts elsewhere, so that not all those with one or two speakers go to the same side.
        """
        start = int.from_bytes(_hash(f"{self.seed}:{gender}:{age_group}")[:6]) / 2**48
        point = (start + place * _GOLDEN) % 1
        return SPLITS[min(bisect_right(list(accumulate(self.of_splits)), point), len(SPLITS) - 1)]


def dealt(
    speakers: Iterable[tuple[str, str, str]], known: Counter[tuple[str, str]], shares: Shares
) -> Iterator[Speaker]:
    """Yield new speakers (name, gender, age group) with their splits; they come sorted by `Shares.order`.

    `known` counts those of each stratum (gender, age group) that have a split already, and is counted on.
    """
    for speaker, gender, age_group in speakers:
        place = known[gender, age_group]
        known[gender, age_group] += 1
        yield Speaker(speaker, gender, age_group, shares.split(gender, age_group, place))  # type: ignore[arg-type]


def _hash(text: str) -> bytes:
    return hashlib.sha256(f"timbre:{text}".encode()).digest()
