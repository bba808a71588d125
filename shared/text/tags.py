"""Plain text, and plain text with emotion tags and pauses, into a document.

Tags, in any case: `[angry] ... [/angry]` and `[angry 0.7] ... [/angry]` with one of EMOTIONS and an intensity from
0.01 to 2, and `[pause 1.5s]` or `[pause 300ms]`, 10 seconds at most. Tags nest; the inner one counts.

A bracket is a tag, or is refused as a mistyped one, if its first word is the name of a tag or very close to one
(`[angri]`, `[angry!]`, `[pause=1.5]`, `[angry` without its end), if it closes something (`[/sad]`, `[/b]`), if its
name is directly followed by `=`, or if it is one word that other speech systems take as a tag (`[laughs]`,
`[whisper]`, `[cheerful]`). All other brackets are text: `[1]`, `[sic]`, `[he]`, `[see page 5]`, `[...]`, `[]`.
`\\[` is always a bracket that is text, and `\\]` one that closes it; the backslash is not spoken.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from shared.problems import InvalidMarkup
from shared.text.assemble import Block, assemble
from shared.text.document import EMOTIONS, Document, Part, Pause, Run, Style
from shared.text.faults import invalid_markup
from shared.text.limits import Limits
from shared.text.prosody import pause_seconds
from shared.text.source import byte_offsets, encoded, run_at
from shared.text.ssml_elements import read_intensity
from shared.text.tag_rules import Bracket, find_brackets, suggestion

_ESCAPED = re.compile(r"\\([\[\]])")


def parse_plain(text: str, limits: Limits | None = None, language: str = "en") -> Document:
    """Return the document of text without markup; brackets are text.

    Raises InvalidInput (nothing to speak, NUL, lone surrogates) and TooLarge.
    """
    encoded(text, limits or Limits())
    return assemble([Block([run_at(text, 0, Style())])], language)


def parse_tagged(text: str, limits: Limits | None = None, language: str = "en") -> Document:
    """Return the document of text with tags (see the module's docstring).

    Raises InvalidMarkup (with `position` and `element`), InvalidInput (nothing to speak, NUL, lone surrogates) and
    TooLarge.
    """
    limits = limits or Limits()
    encoded(text, limits)
    reader = _Reader(text, limits)
    return assemble([Block(list(reader.parts(find_brackets(text))))], language)


@dataclass(slots=True)
class _Reader:
    """Cuts the text at its tags."""

    text: str
    limits: Limits
    offsets: list[int] = field(init=False)
    open_tags: list[tuple[Bracket, Style]] = field(default_factory=list)
    pause_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.offsets = byte_offsets(self.text)

    def parts(self, brackets: Iterable[Bracket]) -> Iterator[Part]:
        """Yield the text between the tags and the pauses. Raises InvalidMarkup."""
        position = 0
        for count, bracket in enumerate(brackets, start=1):
            if count > self.limits.elements:
                raise self._fault(bracket, f"more than {self.limits.elements} tags.")
            yield from self._runs(position, bracket.start)
            position = bracket.end
            yield from self._pauses(bracket) if self._check(bracket).name == "pause" else self._turn(bracket)
        yield from self._runs(position, len(self.text))
        if self.open_tags:
            unclosed = self.open_tags[-1][0]
            raise self._fault(unclosed, f"[{unclosed.name}] is never closed; write [/{unclosed.name}] where it ends.")

    def _check(self, bracket: Bracket) -> Bracket:
        if not bracket.is_complete:
            raise self._fault(bracket, f"the tag [{bracket.name} lacks its ].")
        if bracket.name not in (*EMOTIONS, "pause"):
            raise self._fault(bracket, f"[{bracket.name}] is no tag.{suggestion(bracket.name)}")
        return bracket

    def _pauses(self, bracket: Bracket) -> Iterable[Part]:
        if bracket.closes:
            raise self._fault(bracket, "[pause] is not closed.")
        try:
            seconds = pause_seconds(bracket.value)
        except ValueError as error:
            raise self._fault(bracket, f"[pause]: {error}; write [pause 1.5s] or [pause 300ms].") from None
        self.pause_seconds += seconds
        if self.pause_seconds > self.limits.pause_seconds:
            raise self._fault(bracket, f"more than {self.limits.pause_seconds:g} s of pauses in all.")
        return [Pause(seconds)] if seconds else []

    def _turn(self, bracket: Bracket) -> Iterable[Part]:
        """Open or close an emotion."""
        if bracket.closes:
            self._close(bracket)
        elif len(self.open_tags) >= self.limits.depth:
            raise self._fault(bracket, f"tags stand more than {self.limits.depth} deep in each other.")
        else:
            self.open_tags.append((bracket, Style(emotion=bracket.name, intensity=self._intensity(bracket))))
        return ()

    def _close(self, bracket: Bracket) -> None:
        if bracket.value:
            raise self._fault(bracket, f"[/{bracket.name}] takes no value.")
        if not self.open_tags or self.open_tags[-1][0].name != bracket.name:
            expected = f" [{self.open_tags[-1][0].name}] is open." if self.open_tags else " No tag is open."
            raise self._fault(bracket, f"[/{bracket.name}] closes nothing.{expected}")
        self.open_tags.pop()

    def _intensity(self, bracket: Bracket) -> float | None:
        if not bracket.value:
            return None
        try:
            return read_intensity(bracket.value)
        except ValueError as error:
            raise self._fault(bracket, f"[{bracket.name}]: {error}; write [{bracket.name} 0.7].") from None

    def _runs(self, start: int, end: int) -> Iterator[Run]:
        """Yield the text from `start` to `end`, parted where a backslash is left out."""
        style = self.open_tags[-1][1] if self.open_tags else Style()
        for escape in _ESCAPED.finditer(self.text, start, end):
            yield self._run(start, escape.start(), style)
            start = escape.start() + 1
        yield self._run(start, end, style)

    def _run(self, start: int, end: int, style: Style) -> Run:
        return run_at(self.text[start:end], self.offsets[start], style)

    def _fault(self, bracket: Bracket, detail: str) -> InvalidMarkup:
        hint = "Write \\[ for a bracket that is to be read."
        return invalid_markup(f"{detail} {hint}", self.offsets[bracket.start], bracket.name)
