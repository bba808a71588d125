"""What was heard, as a table for people or as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from typing import Protocol, TextIO

from client.keywords.schemas import Answer
from client.terminal import printable, styled

_MOST_NAME_CHARACTERS = 60
_KEYWORD_CHARACTERS = 12


class Report(Protocol):
    """Turns answers into lines that do nothing to a terminal, whatever files and words are called."""

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield the lines of one file. Raises ValidationError for what is no answer."""


class JsonLines:
    """One object a file: the answer as it came, and the name of the file."""

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield one line of ASCII."""
        yield json.dumps({"file": file, **json.loads(content)})


class Table:
    """A line for each command of a file, or one that says that it holds none; times are seconds."""

    def __init__(self, files: Sequence[str], stream: TextIO) -> None:
        longest = max(len(printable(file)) for file in files)
        self._name_characters = max(len("FILE"), min(longest, _MOST_NAME_CHARACTERS))
        self._stream = stream
        self._header = [self._line("bold", "FILE", "KEYWORD", "SCORE", "START", "END")]

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield the lines of one file, those of the first below a header."""
        answer = Answer.model_validate_json(content)
        yield from self._header
        self._header = []
        for match in answer.matches:
            numbers = (match.score, match.start_seconds, match.end_seconds)
            yield self._line("green", file, match.keyword, *(f"{number:.2f}" for number in numbers))
        if not answer.matches:
            yield self._line("dim", file, answer.keyword, f"{answer.score:.2f}", "-", "-")

    def _line(self, style: str, file: str, keyword: str, *cells: str) -> str:
        ends = "".join(f"{cell:>9}" for cell in cells)
        line = f"{printable(file):<{self._name_characters}}  {printable(keyword):<{_KEYWORD_CHARACTERS}}{ends}"
        return styled(line, style, self._stream)
