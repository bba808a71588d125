"""Commands that were heard, as a table."""

from collections.abc import Iterator, Sequence
from typing import TextIO

from client.keywords.schemas import Answer
from client.recordings.reports import NameColumn
from client.terminal import styled
from shared.printable import printable

_KEYWORD_CHARACTERS = 12


def holds_keyword(content: bytes) -> bool:
    """Tell whether a command was found. Raises ValidationError for what is no answer."""
    return bool(Answer.model_validate_json(content).matches)


class Table:
    """A line for each command of a file, or one that says that it holds none; times are seconds."""

    holds_something = staticmethod(holds_keyword)

    def __init__(self, files: Sequence[str], stream: TextIO) -> None:
        self._names = NameColumn(files)
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
        return styled(f"{self._names.cell(file)}{printable(keyword):<{_KEYWORD_CHARACTERS}}{ends}", style, self._stream)
