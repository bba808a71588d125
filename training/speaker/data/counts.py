"""How much there is of whom: hours, clips and speakers of each gender, age group and split."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from training.speaker.data.clip import AGE_GROUPS, GENDERS, SPLITS, Clip


class Group(NamedTuple):
    """Clips that are counted together."""

    gender: str
    age_group: str
    split: str


@dataclass
class Count:
    """How much there is of a group."""

    clips: int = 0
    unmeasured: int = 0
    """Clips of which nobody has said how long they are; they are not in the hours."""
    seconds: float = 0.0
    people: set[int] = field(default_factory=set)
    """The speakers' names, as hashes of 64 bits: a few bytes each, however long the names are."""

    @property
    def hours(self) -> float:
        """Length of all clips whose length is known."""
        return self.seconds / 3600

    def add(self, other: "Count") -> None:
        """Count another group in; who is in both is one person."""
        self.clips += other.clips
        self.unmeasured += other.unmeasured
        self.seconds += other.seconds
        self.people |= other.people


def counted(clips: Iterable[Clip]) -> dict[Group, Count]:
    """Return the counts of all groups that have clips, women and the youngest first."""
    counts: defaultdict[Group, Count] = defaultdict(Count)
    for clip in clips:
        count = counts[Group(clip.gender, clip.age_group, clip.split)]
        count.clips += 1
        count.unmeasured += clip.duration_seconds is None
        count.seconds += clip.duration_seconds or 0.0
        count.people.add(hash(clip.speaker))
    order = [Group(*names) for names in _all_groups()]
    return {group: counts[group] for group in order if group in counts}


def together(counts: Iterable[Count]) -> Count:
    """Return the sum of some groups."""
    total = Count()
    for count in counts:
        total.add(count)
    return total


def _all_groups() -> Iterable[tuple[str, str, str]]:
    return ((gender, age, split) for gender in GENDERS for age in AGE_GROUPS for split in SPLITS)
