"""How answers about recordings are shown: as JSON for programs, or as columns for people."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.printable import printable

_MOST_NAME_CHARACTERS = 60


class Report(Protocol):
    """Turns answers into lines that do nothing to a terminal, whatever files and words are called."""

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield the lines of one file. Raises ValidationError for what is no answer."""

    def holds_something(self, content: bytes) -> bool:
        """Tell whether anything was found in a recording. Raises ValidationError for what is no answer."""


@dataclass(frozen=True, slots=True)
class JsonLines:
    """One object a file: the answer as it came, and the name of the file."""

    holds_something: Callable[[bytes], bool]

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield one line of ASCII."""
        self.holds_something(content)  # else anything that is JSON would be shown
        yield json.dumps({"file": file, **json.loads(content)})


class NameColumn:
    """The first column of a table: names of files, or what stands above them."""

    def __init__(self, files: Sequence[str]) -> None:
        longest = max(len(printable(file)) for file in files)
        self._characters = max(len("FILE"), min(longest, _MOST_NAME_CHARACTERS))

    def cell(self, file: str) -> str:
        """Return a name, as wide as the column, and two spaces."""
        return f"{printable(file):<{self._characters}}  "
