"""What keeps the metadata of clips: one small interface, two ways behind it."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from training.speaker.data.clip import Clip, Speaker

AT_WORK = "Another import is at this table just now."
DEALT_ALREADY = "Another import has dealt out some of these speakers; call this again."


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which clips are asked for; what is empty is any."""

    gender: str = ""
    age_group: str = ""
    accent: str = ""
    """How the accent begins; small letters and capitals are alike."""
    language: str = ""
    data_set: str = ""
    split: str = ""


class Note(NamedTuple):
    """How far the import of a table is."""

    version: str
    """Of the table, and of what was said of it: another one is imported from the beginning."""
    clips: int = 0
    """How many are in the catalogue, in the order of the table."""
    is_done: bool = False


class Catalogue(Protocol):
    """Clips by data set and path. All calls block, and raise Unavailable and StorageFull."""

    @abstractmethod
    def note(self, source: str) -> Note | None:
        """Return how far the import of that source is; None where it never began."""

    @abstractmethod
    def add(self, clips: Sequence[Clip], source: str, before: Note | None, after: Note) -> None:
        """Keep clips, in place of those of the same data set and path, and then `after` as the source's note.

        Raises Conflict where the note is not `before`: another import is at the same source.
        """

    @abstractmethod
    def speakers(self) -> Iterator[Speaker]:
        """Return all who have a split, sorted by it and by their names."""

    @abstractmethod
    def remember(self, speakers: Sequence[Speaker]) -> None:
        """Keep the splits of new speakers, all or none. Raises Conflict where one has a split already."""

    @abstractmethod
    def locations(self) -> dict[str, str]:
        """Return where the clips of each data set lie."""

    @abstractmethod
    def locate(self, data_set: str, location: str) -> None:
        """Keep where the clips of a data set lie."""

    @abstractmethod
    def clips(self, wanted: Wanted) -> Iterator[Clip]:
        """Return the clips that are asked for, in no order that is promised; they are fetched lazily."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""


def accent_key(accent: str) -> str:
    """Return an accent as it is compared; the mark that stands behind it in an index is no part of it."""
    return accent.casefold().replace("#", " ")
