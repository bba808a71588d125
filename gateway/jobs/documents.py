"""Texts in files, as sentiment detection jobs read them: a line or a file each, however many and large. Blocks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from gateway.places import Found
from shared.problems import NotFound

MOST_BYTES = 5_000
"""Of one text; Comprehend's limit."""
_LINE_ENDS = b"\r\n"
_MOST_TEXTS, _MOST_PART_BYTES = 250, 100_000
"""What the sentiment service takes in one call with its usual settings, and answers within seconds."""
_LEAST_BYTES = 50
"""Counted for any text, however short."""

Fault = Literal["TextSizeLimitExceededException", "InvalidRequestException", "InternalServerException"]
FAULTS: dict[Fault, str] = {
    "TextSizeLimitExceededException": f"The text has more than {MOST_BYTES} bytes.",
    "InvalidRequestException": "The text is blank, or not in UTF-8.",
    "InternalServerException": "The file cannot be read: it was removed, or has a name that is not served.",
}
"""Comprehend's codes, and what they mean here."""
_UNREADABLE: Fault = "InternalServerException"


@dataclass(frozen=True, slots=True)
class Document:
    """One text, and where it stands."""

    file: str
    line: int | None = None
    """Its number in the file, from 0; None for all of the file."""
    text: str | None = None
    """None: still to be read, or it has a fault."""
    fault: Fault | None = None

    def having(self, content: bytes) -> "Document":
        """Return it with the text that these bytes are; of those that are too many, the first ones do."""
        if len(content) > MOST_BYTES:
            return replace(self, fault="TextSizeLimitExceededException")
        try:
            text = content.decode("utf-8" if self.line else "utf-8-sig")
        except UnicodeDecodeError:
            return replace(self, fault="InvalidRequestException")
        return replace(self, text=text) if text.strip() else replace(self, fault="InvalidRequestException")


def parts_of(found: Found, document: Literal["line", "file"]) -> Iterator[list[Document]]:
    """Yield all texts in parts that are one call of the service each; texts that are files are still to be read."""
    part: list[Document] = []
    size_bytes = 0
    for one, one_bytes in _lines(found) if document == "line" else _files(found):
        if part and (len(part) == _MOST_TEXTS or size_bytes + one_bytes > _MOST_PART_BYTES):
            yield part
            part, size_bytes = [], 0
        part.append(one)
        size_bytes += one_bytes
    if part:
        yield part


def read(found: Found, document: Document) -> Document:
    """Return a text that is a file with what is in it."""
    if document.text is not None or document.fault:
        return document
    try:
        return document.having(found.objects.start(found.folder + document.file, MOST_BYTES + 1))
    except NotFound:
        return replace(document, fault=_UNREADABLE)


def lines_of(chunks: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    """Yield the lines, without what ends them (LF, CR or both); of a longer one its first `most_bytes` + 1 bytes."""
    rest = b""
    for chunk in filter(None, chunks):
        *lines, rest = (rest + chunk).splitlines(keepends=True)
        yield from (line.rstrip(_LINE_ENDS)[: most_bytes + 1] for line in lines)
        if rest.endswith(b"\n"):
            yield rest.rstrip(_LINE_ENDS)[: most_bytes + 1]
            rest = b""
        elif len(rest) > most_bytes + 1:  # a CR at its end may be half of what ends the line
            rest = rest[: most_bytes + 1] + (b"\r" if rest.endswith(b"\r") else b"")
    if rest:
        yield rest.rstrip(_LINE_ENDS)[: most_bytes + 1]


def _files(found: Found) -> Iterator[tuple[Document, int]]:
    for name, size_bytes in found.files():
        if size_bytes is None:
            yield Document(name, fault=_UNREADABLE), _LEAST_BYTES
        else:
            yield Document(name), max(_LEAST_BYTES, min(size_bytes, MOST_BYTES))


def _lines(found: Found) -> Iterator[tuple[Document, int]]:
    for name, size_bytes in found.files():
        try:
            if size_bytes is None:
                raise NotFound("It is no file that can be read.")
            with found.objects.open(found.folder + name) as chunks:
                for number, line in enumerate(lines_of(chunks, MOST_BYTES)):
                    yield Document(name, number).having(line), max(_LEAST_BYTES, len(line))
        except NotFound:
            yield Document(name, fault=_UNREADABLE), _LEAST_BYTES
