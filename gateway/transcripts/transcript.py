"""A transcript as words and marks, which can be looked at one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.transcription import WITHOUT_SPACES


@dataclass(frozen=True, slots=True)
class Item:
    """A word, or a mark of punctuation behind one, which has no times."""

    text: str
    start_seconds: float | None = None
    end_seconds: float | None = None
    probability: float | None = None
    """How sure the engine is of a word, 0 to 1; None where it does not say."""
    is_filtered: bool = False
    """Whether it is one of the words that somebody wishes to be found."""

    @property
    def is_word(self) -> bool:
        """Tell it from a mark."""
        return self.start_seconds is not None


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of speech, as subtitles show it."""

    start_seconds: float
    end_seconds: float
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that was said."""

    passages: tuple[Passage, ...]
    duration_seconds: float
    """Length of the recording."""
    language: str | None
    """ISO 639-1 code of the text; None where nobody could tell."""
    model: str
    """What listened: `name/version`."""
    warnings: tuple[str, ...] = ()
    """What was asked for and had no effect."""

    @property
    def text(self) -> str:
        """All of the text."""
        return self._gap.join(filter(None, map(self.text_of, self.passages)))

    @property
    def words(self) -> Iterator[Item]:
        """The words of all passages."""
        return (item for passage in self.passages for item in passage.items if item.is_word)

    def text_of(self, passage: Passage) -> str:
        """Return the text of one of the passages."""
        return "".join(_gapped(passage.items, self._gap))

    @property
    def _gap(self) -> str:
        return "" if self.language in WITHOUT_SPACES else " "


def _gapped(items: Iterable[Item], gap: str) -> Iterator[str]:
    """Yield the texts of items with a gap before each word but the first."""
    for number, item in enumerate(items):
        yield f"{gap}{item.text}" if number and item.is_word else item.text
