"""The W3C's Pronunciation Lexicon Specification 1.0, with expat: no DTDs, no entities, nothing unknown."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn, cast
from xml.parsers import expat

from shared.lexicons.lexicon import MOST_CHARACTERS, MOST_CHARACTERS_OF_A_WORD, Alphabet, Lexicon, Pronunciation
from shared.problems import InvalidLexicon, LexiconFault
from shared.text.source import speakable
from shared.text.xsampa import checked_ipa, xsampa_to_ipa

_NAMESPACE: Final = "http://www.w3.org/2005/01/pronunciation-lexicon"
_LANGUAGE_ATTRIBUTE: Final = "http://www.w3.org/XML/1998/namespace lang"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)
_IPA_OF: Final[Mapping[str, Callable[[str], str]]] = {"ipa": checked_ipa, "x-sampa": xsampa_to_ipa}
_PASSED_OVER: Final = frozenset({"meta", "metadata", "example"})
_CHILDREN: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset({"lexicon"}),
    "lexicon": frozenset({"lexeme", "meta", "metadata"}),
    "lexeme": frozenset({"grapheme", "alias", "phoneme", "example"}),
}


def parse_pls(text: str) -> Lexicon:
    """Return what a PLS document says. Of several pronunciations the preferred one counts, else the first.

    Raises InvalidLexicon with the `fault`: form, alphabet, language, size, or pronunciation (a word too long).
    """
    if len(text) > MOST_CHARACTERS:
        raise InvalidLexicon(f"A lexicon has at most {MOST_CHARACTERS} characters.", fault="size")
    reader = _Reader()
    reader.read(text)
    return Lexicon(reader.language, reader.alphabet, reader.words, reader.lexemes)


@dataclass(slots=True)
class _Lexeme:
    """An entry that has begun and not ended."""

    graphemes: list[str] = field(default_factory=list)
    pronunciation: Pronunciation | None = None
    is_preferred: bool = False

    def take(self, pronunciation: Pronunciation, is_preferred: bool) -> None:
        if self.pronunciation is None or (is_preferred and not self.is_preferred):
            self.pronunciation, self.is_preferred = pronunciation, is_preferred


class _Reader:
    """Turns expat's events into entries."""

    def __init__(self) -> None:
        self.language = ""
        self.alphabet: Alphabet = "ipa"
        self.words: dict[str, Pronunciation] = {}
        self.lexemes = 0
        self._open: list[tuple[str, Mapping[str, str]]] = []
        self._passed_over = 0
        self._text = ""
        self._lexeme = _Lexeme()
        self._parser = _expat_parser(self)

    def read(self, text: str) -> None:
        """Read all. Raises InvalidLexicon."""
        try:
            self._parser.Parse(text.encode(), True)
        except expat.ExpatError as error:
            self._refuse(f"it is not well-formed XML: {expat.ErrorString(error.code)}")
        except UnicodeEncodeError:
            self._refuse("it holds half of a surrogate pair")

    def begin_element(self, name: str, attributes: dict[str, str]) -> None:
        name = name.removeprefix(f"{_NAMESPACE} ")
        if self._passed_over or name in _PASSED_OVER:
            self._passed_over += 1
            return
        outer = self._open[-1][0] if self._open else ""
        if name not in _CHILDREN.get(outer, ()):
            self._refuse("an element stands where PLS has none of that name")
        if name == "lexicon":
            self._begin_lexicon(attributes)
        self._lexeme = _Lexeme() if name == "lexeme" else self._lexeme
        self._open.append((name, attributes))
        self._text = ""

    def end_element(self, _: str) -> None:
        if self._passed_over:
            self._passed_over -= 1
            return
        name, attributes = self._open.pop()
        ends: dict[str, Callable[[Mapping[str, str]], None]] = {
            "lexeme": self._end_lexeme,
            "grapheme": self._end_grapheme,
            "alias": self._end_alias,
            "phoneme": self._end_phoneme,
        }
        if name in ends:
            ends[name](attributes)
        self._text = ""

    def text(self, data: str) -> None:
        if not self._passed_over:
            self._text += data

    def refuse_doctype(self, *_: object) -> NoReturn:
        self._refuse("a document type is refused")

    def refuse_entity(self, *_: object) -> NoReturn:
        self._refuse("an entity beyond XML's five is refused")

    def _begin_lexicon(self, attributes: Mapping[str, str]) -> None:
        self.language = attributes.get(_LANGUAGE_ATTRIBUTE, "")
        if not _LANGUAGE.fullmatch(self.language):
            self._refuse("its xml:lang must be a language tag such as en-US", "language")
        self.alphabet = self._alphabet(attributes, "ipa")

    def _end_lexeme(self, _: Mapping[str, str]) -> None:
        if not self._lexeme.graphemes or self._lexeme.pronunciation is None:
            self._refuse("each lexeme needs a grapheme, and an alias or a phoneme")
        for grapheme in self._lexeme.graphemes:
            self.words.setdefault(grapheme, self._lexeme.pronunciation)
        self.lexemes += 1

    def _end_grapheme(self, _: Mapping[str, str]) -> None:
        self._lexeme.graphemes.append(self._written("grapheme"))

    def _end_alias(self, attributes: Mapping[str, str]) -> None:
        self._lexeme.take(Pronunciation(alias=self._written("alias")), attributes.get("prefer") == "true")

    def _end_phoneme(self, attributes: Mapping[str, str]) -> None:
        ipa_of = _IPA_OF[self._alphabet(attributes, self.alphabet)]
        try:
            ipa = ipa_of(self._written("phoneme"))
        except ValueError as error:
            self._refuse(f"in a phoneme {error}")
        self._lexeme.take(Pronunciation(ipa=ipa), attributes.get("prefer") == "true")

    def _alphabet(self, attributes: Mapping[str, str], default: Alphabet) -> Alphabet:
        alphabet = attributes.get("alphabet", default)
        if alphabet not in _IPA_OF:
            self._refuse("its alphabet must be ipa or x-sampa", "alphabet")
        return cast(Alphabet, alphabet)

    def _written(self, name: str) -> str:
        """Return the text of an element, one space at a time. Raises InvalidLexicon."""
        text = " ".join(speakable(self._text).split())
        if not text:
            self._refuse(f"a {name} is empty")
        if len(text) > MOST_CHARACTERS_OF_A_WORD:
            self._refuse(f"a {name} has more than {MOST_CHARACTERS_OF_A_WORD} characters", "pronunciation")
        return text

    def _refuse(self, why: str, fault: LexiconFault = "form") -> NoReturn:
        line = self._parser.CurrentLineNumber
        raise InvalidLexicon(f"The lexicon cannot be read: {why} (line {line}).", fault=fault)


def _expat_parser(reader: _Reader) -> expat.XMLParserType:
    parser = expat.ParserCreate("UTF-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.begin_element
    parser.EndElementHandler = reader.end_element
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse_doctype
    parser.SkippedEntityHandler = reader.refuse_entity
    return parser
