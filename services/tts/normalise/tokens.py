"""What normalisation yields: written words, where they stand, and how they are spoken."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.text.document import Run

Spoken = tuple[str, ...]

_WRITTEN = re.compile(r"\S+")
_OPENING = "\"'“‘«„([{<*_~¡¿|`"
_CLOSING = ".,;:!?…\"'”’»)]}>*_~|`-–—。！？，"


@dataclass(frozen=True, slots=True)
class Token:
    """A written word and the words to speak for it; `leading + text + trailing` is what was written.

    `start` and `end` are the byte offsets of `text` in the input. Nothing is spoken for a smiley or a lone dash.
    """

    text: str
    start: int
    end: int
    spoken: Spoken
    leading: str = ""
    trailing: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A word as written: punctuation, core, punctuation. Offsets are those of the core."""

    leading: str
    core: str
    trailing: str
    start: int
    end: int

    def with_stop(self) -> "Written":
        """Return the word with its full stop taken into the core."""
        return Written(self.leading, f"{self.core}.", self.trailing[1:], self.start, self.end + 1)

    def token(self, spoken: Spoken) -> Token:
        """Return the token that speaks the word."""
        return Token(self.core, self.start, self.end, spoken, self.leading, self.trailing)


@dataclass(frozen=True, slots=True)
class Here:
    """A word among its neighbours: what a rule looks at."""

    words: Sequence[Written]
    index: int
    day_first: bool = False
    """Whether 1/2/2024 is the first of February."""

    @property
    def core(self) -> str:
        """The word itself, without punctuation around it."""
        return self.words[self.index].core

    @property
    def trailing(self) -> str:
        """The punctuation behind the word."""
        return self.words[self.index].trailing

    @property
    def before(self) -> str:
        """The word before, or nothing at the start and behind punctuation other than a comma."""
        if self.index == 0 or self.words[self.index - 1].trailing not in ("", ",", ")"):
            return ""
        return self.words[self.index - 1].core

    @property
    def after(self) -> str:
        """The word behind, or nothing at the end and before punctuation."""
        if self.trailing or self.index + 1 == len(self.words):
            return ""
        return self.words[self.index + 1].core


def written_words(run: Run) -> list[Written]:
    """Return the words of the run, parted at white space."""
    return [_written(run, match.start(), match.end()) for match in _WRITTEN.finditer(run.text)]


def _written(run: Run, first: int, last: int) -> Written:
    word = run.text[first:last]
    core = word.lstrip(_OPENING)
    start = first + len(word) - len(core)
    core = core.rstrip(_CLOSING)
    end = start + len(core)
    return Written(run.text[first:start], core, run.text[end:last], run.offsets[start], run.offsets[end])
