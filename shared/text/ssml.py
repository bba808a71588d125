"""SSML into a document, with expat: nothing that is not understood is ever spoken."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import NoReturn
from xml.parsers import expat

from shared.text.assemble import Block, assemble, join_runs
from shared.text.document import Document, Mark, Pause, Run
from shared.text.faults import did_you_mean, invalid_markup, printable
from shared.text.limits import LONGEST_WORD_CHARACTERS, Limits
from shared.text.source import encoded, run_at
from shared.text.ssml_elements import ELEMENTS, Element, Said, break_seconds, mark_name, read_language


def parse_ssml(text: str, limits: Limits | None = None, language: str = "en") -> Document:
    """Return the document that the SSML says; offsets are byte offsets into `text` in UTF-8.

    Elements: speak, p, s, break, mark, prosody, emphasis, say-as, sub, phoneme, lang, voice, w, amazon:emotion,
    amazon:effect and mstts:express-as, with or without xmlns. Any other element, attribute or value is refused, as are
    a DTD, entities beyond XML's five and processing instructions. Comments are passed over. Text outside `<s>` is split
    in sentences, by the rules of the root's xml:lang, else of `language`.

    Raises InvalidMarkup (with `position` and `element`), InvalidInput (nothing to speak, NUL, lone surrogates) and
    TooLarge.
    """
    limits = limits or Limits()
    reader = _Reader(encoded(text, limits), limits)
    reader.read()
    return assemble(reader.blocks, reader.language or language)


@dataclass(frozen=True, slots=True)
class _Open:
    """An element that has begun and not ended."""

    name: str
    element: Element
    said: Said
    position: int
    first_piece: int
    """Where its text begins in the pieces of the block."""


class _Reader:
    """Turns expat's events into blocks."""

    def __init__(self, raw: bytes, limits: Limits) -> None:
        self.blocks: list[Block] = [Block()]
        self.language: str | None = None
        self._raw = raw
        self._limits = limits
        self._open: list[_Open] = []
        self._elements = 0
        self._pause_seconds = 0.0
        self._in_cdata = False
        self._parser = _expat_parser(self)

    def read(self) -> None:
        """Read all. Raises InvalidMarkup."""
        try:
            self._parser.Parse(self._raw, True)
        except expat.ExpatError as error:
            position = min(max(self._parser.ErrorByteIndex, 0), len(self._raw))
            name = self._open[-1].name if self._open else "speak"
            detail = f"the SSML is not well-formed: {expat.ErrorString(error.code)}; it must be one <speak> element"
            raise invalid_markup(detail, position, name) from None

    def begin_element(self, name: str, attributes: dict[str, str]) -> None:
        position = self._parser.CurrentByteIndex
        element = self._checked(name, attributes, position)
        outer = self._open[-1].said if self._open else Said()
        try:
            said = element.read(read_language(outer, attributes), attributes)
            self._effect(name, attributes, position)
        except ValueError as error:
            raise invalid_markup(f"<{name}>: {error}", position, name) from None
        self._open.append(_Open(name, element, said, position, len(self.blocks[-1].pieces)))

    def end_element(self, name: str) -> None:
        ended = self._open.pop()
        if name in ("p", "s"):
            self._new_block(ends_paragraph=name == "p")
        elif ended.element.holds == "words":
            self._close_words(ended)

    def text(self, data: str) -> None:
        position = self._parser.CurrentByteIndex
        inside = self._open[-1]
        if inside.element.holds == "nothing":
            if not data.isspace():
                raise invalid_markup(f"<{inside.name}> may hold no text", inside.position, inside.name)
            return
        run = run_at(data, position, inside.said.style)
        if run.text:
            end = self._end_of(data, position)
            self.blocks[-1].pieces.append(replaced(run, offsets=(*run.offsets[:-1], end)))

    def begin_cdata(self) -> None:
        self._in_cdata = True

    def end_cdata(self) -> None:
        self._in_cdata = False

    def refuse(self, what: str) -> Callable[..., NoReturn]:
        """Return a handler that refuses what it is called for."""

        def handler(name: str, *_: object) -> NoReturn:
            raise invalid_markup(f"{what} is refused", self._parser.CurrentByteIndex, name)

        return handler

    def _checked(self, name: str, attributes: Mapping[str, str], position: int) -> Element:
        """Return the element of that name, if it may stand here with these attributes. Raises InvalidMarkup."""
        shown = printable(name)
        if (element := ELEMENTS.get(name)) is None:
            detail = f"<{shown}> is not supported.{did_you_mean(name, ELEMENTS)}"
            raise invalid_markup(detail, position, name)
        self._check_place(name, position)
        if missing := element.required - attributes.keys():
            raise invalid_markup(f"<{shown}> needs the attribute {min(missing)}", position, name)
        for attribute in attributes:
            known = attribute in element.required or attribute in element.optional
            if not known and attribute != "xmlns" and not attribute.startswith("xmlns:"):
                raise invalid_markup(f"<{shown}>: {printable(attribute)} is not supported", position, name)
        return element

    def _check_place(self, name: str, position: int) -> None:
        self._elements += 1
        if self._elements > self._limits.elements:
            raise invalid_markup(f"more than {self._limits.elements} elements", position, name)
        if len(self._open) >= self._limits.depth:
            raise invalid_markup(f"elements stand more than {self._limits.depth} deep in each other", position, name)
        if (name == "speak") != (not self._open):
            raise invalid_markup("<speak> must be the outermost element, once", position, name)
        for outer in reversed(self._open):
            holds = outer.element.holds
            if holds in ("nothing", "words") or (name in ("p", "s") and (holds == "phrases" or outer.name == name)):
                raise invalid_markup(f"<{name}> may not stand in <{outer.name}>", position, name)

    def _effect(self, name: str, attributes: Mapping[str, str], position: int) -> None:
        """Do what the element does by its being there. Raises ValueError for a value that is not supported."""
        pieces = self.blocks[-1].pieces
        if name == "break":
            self._pause(break_seconds(attributes), position)
        elif name == "mark":
            pieces.append(Mark(mark_name(attributes), position, self._end_of_tag(position)))
        elif name in ("p", "s"):
            self._new_block(ends_paragraph=name == "p", is_one_sentence=name == "s")
        elif name == "speak":
            self.language = attributes.get("xml:lang")

    def _pause(self, seconds: float, position: int) -> None:
        self._pause_seconds += seconds
        if self._pause_seconds > self._limits.pause_seconds:
            raise invalid_markup(f"more than {self._limits.pause_seconds:g} s of pauses in all", position, "break")
        if seconds:
            self.blocks[-1].pieces.append(Pause(seconds))

    def _new_block(self, *, ends_paragraph: bool, is_one_sentence: bool = False) -> None:
        self.blocks[-1].ends_paragraph = ends_paragraph
        self.blocks.append(Block(is_one_sentence=is_one_sentence))

    def _close_words(self, ended: _Open) -> None:
        """Make one run of the text of an element that holds only text."""
        pieces = self.blocks[-1].pieces
        parts = join_runs(pieces[ended.first_piece :])
        if len(parts) != 1 or not isinstance(parts[0], Run) or not parts[0].text.strip():
            raise invalid_markup(f"<{ended.name}> holds no text", ended.position, ended.name)
        if len(parts[0].text) > LONGEST_WORD_CHARACTERS:
            detail = f"<{ended.name}> holds more than {LONGEST_WORD_CHARACTERS} characters"
            raise invalid_markup(detail, ended.position, ended.name)
        said = ended.said
        pieces[ended.first_piece :] = [replaced(parts[0], say_as=said.say_as, alias=said.alias, ipa=said.ipa)]

    def _end_of(self, data: str, position: int) -> int:
        """Return where in the input the characters end that expat reported as `data`."""
        first = self._raw[position : position + 2]
        if data == "\n":
            return position + (2 if first == b"\r\n" else self._end_of_reference(position))
        if len(data) == 1 and first[:1] == b"&" and not self._in_cdata:
            return position + self._end_of_reference(position)
        return position + len(data.encode())

    def _end_of_reference(self, position: int) -> int:
        """Return the length of a reference such as `&amp;`, or 1 if there is none."""
        is_reference = self._raw[position : position + 1] == b"&"
        return self._raw.index(b";", position) + 1 - position if is_reference else 1

    def _end_of_tag(self, position: int) -> int:
        """Return where the tag ends that begins at `position`: at the first > outside quotes."""
        quote = 0
        for index in range(position, len(self._raw)):
            byte = self._raw[index]
            if quote:
                quote = 0 if byte == quote else quote
            elif byte in b"\"'":
                quote = byte
            elif byte == ord(">"):
                return index + 1
        return len(self._raw)


def _expat_parser(reader: _Reader) -> expat.XMLParserType:
    """Return a parser without name spaces (vendors' prefixes pass undeclared) that calls the reader."""
    parser = expat.ParserCreate("UTF-8")
    parser.StartElementHandler = reader.begin_element
    parser.EndElementHandler = reader.end_element
    parser.CharacterDataHandler = reader.text
    parser.StartCdataSectionHandler = reader.begin_cdata
    parser.EndCdataSectionHandler = reader.end_cdata
    parser.StartDoctypeDeclHandler = reader.refuse("a document type")
    parser.ProcessingInstructionHandler = reader.refuse("a processing instruction")
    parser.SkippedEntityHandler = reader.refuse("an entity beyond XML's five")
    return parser
