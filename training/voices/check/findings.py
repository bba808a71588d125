"""What is found: of which kind, how bad, in which recordings, and how it is mended."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from training.voices.check.measuring import Measured


class Level(StrEnum):
    """Whether a voice can be trained at all, or will sound bad."""

    REFUSED = "refused"
    WARNING = "warning"


class Case(NamedTuple):
    """One recording, line or group of them, of which something is true; what is not of one has no id and no place."""

    id: str
    place: str
    detail: str


@dataclass(frozen=True)
class Finding:
    """One kind of fault in a data set."""

    level: Level
    kind: str
    """A word that stays the same, for programs."""
    what: str
    mend: str
    cases: tuple[Case, ...] = ()
    """The worst first; none where it is true of all together."""


Rule = Callable[[Sequence[Measured]], Iterator[Finding]]
"""Looks at all recordings and yields what is wrong with them."""


def case(one: Measured, detail: str) -> Case:
    """Return what is said of a recording."""
    return Case(one.recording.id, one.recording.place, detail)


def finding(level: Level, kind: str, what: str, mend: str, cases: Iterable[Case]) -> Iterator[Finding]:
    """Yield a finding of these recordings, if there are any."""
    found = tuple(cases)
    if found:
        yield Finding(level, kind, what, mend, found)


def refused(kind: str, what: str, cases: Iterable[tuple[str, Case]]) -> Iterator[Finding]:
    """Yield a finding for each way in which what cannot be used is mended: `cases` tells that of each."""
    by_mend: dict[str, list[Case]] = defaultdict(list)
    for mend, each in cases:
        by_mend[mend].append(each)
    return (Finding(Level.REFUSED, kind, what, mend, tuple(found)) for mend, found in by_mend.items())
