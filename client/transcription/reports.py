"""Speech that was written down, as texts behind names, as a table of words or as subtitles."""

from collections.abc import Iterator, Sequence
from typing import TextIO

from client.recordings.reports import NameColumn
from client.terminal import styled
from client.transcription.schemas import Transcription
from shared.printable import printable

_CUE = b" --> "
"""Between the two times of a subtitle, in SRT and WebVTT."""


def holds_text(content: bytes) -> bool:
    """Tell whether anything is said. Raises ValidationError for what is no answer."""
    return bool(Transcription.model_validate_json(content).text.strip())


class Texts:
    """A line for each file: its name, and all that is said in it."""

    holds_something = staticmethod(holds_text)

    def __init__(self, files: Sequence[str]) -> None:
        self._names = NameColumn(files)

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield the line of one file."""
        text = printable(" ".join(Transcription.model_validate_json(content).text.split()))
        yield f"{self._names.cell(file)}{text}".rstrip()


class Words:
    """A line for each word, its times in seconds."""

    holds_something = staticmethod(holds_text)

    def __init__(self, files: Sequence[str], stream: TextIO) -> None:
        self._names = NameColumn(files)
        self._header = [styled(self._line("FILE", "START", "END", "WORD"), "bold", stream)]

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield the lines of one file, those of the first below a header."""
        transcription = Transcription.model_validate_json(content)
        yield from self._header
        self._header = []
        for word in transcription.words:
            yield self._line(file, f"{word.start:.2f}", f"{word.end:.2f}", word.word)

    def _line(self, file: str, start: str, end: str, word: str) -> str:
        return f"{self._names.cell(file)}{start:>9}{end:>9}  {printable(word)}"


class Subtitles:
    """SRT or WebVTT, as it came."""

    def lines(self, file: str, content: bytes) -> Iterator[str]:
        """Yield all lines."""
        yield from (printable(line) for line in content.decode(errors="replace").splitlines())

    def holds_something(self, content: bytes) -> bool:
        """Tell whether there is a subtitle."""
        return _CUE in content
