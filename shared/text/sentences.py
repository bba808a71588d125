"""Cut text into sentences: sentencex (Wikimedia) with repairs, and a cap so that engines get bounded pieces."""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import sentencex

from shared.text.abbreviations import stop_is_inner
from shared.text.words import word_set

LONGEST_SENTENCE = 500
"""In characters. A longer one is cut at clause punctuation, else at white space, else anywhere."""

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CLOSERS = "\"'”’»)]"
_ORDINARY = "no|No|me|art|may|ok|OK|miss|ill|con|pa|ore|ark|fed|etc"
"""Words that sentencex takes for abbreviations before any capital letter."""

_CLOSED = rf"[.!?…]{{1,8}}[{re.escape(_CLOSERS)}]{{1,4}}"
_STOPPED = rf"(?:\b(?:{_ORDINARY})|/[a-z])\."
_MISSED = re.compile(rf"(?:…|{_CLOSED}|{_STOPPED})(?:[ \t]+\n?|\n)[ \t]*(?=[\"'“‘«(\[]?[A-Z])")
_LIST_NUMBER = re.compile(r"(?:^|\n)\s{0,8}\(?(?:\d{1,3}|[A-Za-z])[.)]\s*\Z")
_ADDRESS = re.compile(r"(?:@|://|^www\.|/)", re.IGNORECASE)
_DOMAIN_ENDS = word_set("com org net io ai co gov edu js py uk de fr eu dev app")
_CLAUSE_END = re.compile(r"[,;:—–…、，；：.!?][\"'”’)\]]?(?=\s)|[、，；：。]")
TIED = "\ue000"
"""Stands for a letter of a word that may not be cut: the text is never cut before one."""

_JOINERS = "\u200d\ufe0e\ufe0f"
_CONTEXT = 64


class Span(NamedTuple):
    """A sentence's place in its text, in characters."""

    start: int
    end: int


def split_sentences(text: str, language: str = "en") -> list[Span]:
    """Return the sentences of `text` as character spans, in order, without the white space around them.

    Every character that is not white space is in exactly one span, and no span is longer than LONGEST_SENTENCE.
    A blank line ends a sentence. Time grows with the length of the text only.
    """
    spans: list[Span] = []
    for paragraph in _paragraphs(text):
        cuts = [paragraph.start, *_boundaries(text, paragraph, language), paragraph.end]
        for start, end in pairwise(cuts):
            spans.extend(_capped(text, _trimmed(text, start, end)))
    return spans


def has_blank_line(gap: str) -> bool:
    """Say whether the white space between two sentences ends a paragraph."""
    return _PARAGRAPH.search(gap) is not None


def capped_span(text: str) -> list[Span]:
    """Return the whole of `text` as one sentence, cut only where it is longer than LONGEST_SENTENCE."""
    return list(_capped(text, _trimmed(text, 0, len(text))))


def _paragraphs(text: str) -> Iterator[Span]:
    start = 0
    for gap in _PARAGRAPH.finditer(text):
        yield Span(start, gap.start())
        start = gap.end()
    yield Span(start, len(text))


def _boundaries(text: str, paragraph: Span, language: str) -> list[int]:
    """Return the positions in `text` at which a sentence of this paragraph ends and the next begins."""
    piece = text[paragraph.start : paragraph.end]
    found = {paragraph.start + match.end() for match in _MISSED.finditer(piece)}
    position = paragraph.start
    for sentence in sentencex.segment(language.split("-")[0].lower(), _SURROGATE.sub("\ufffd", piece)):
        position += len(sentence)
        found.add(position)
    kept: list[int] = []
    for boundary in sorted(found):
        last = kept[-1] if kept else paragraph.start
        if boundary < paragraph.end and not _goes_on(text, last, boundary, paragraph.end):
            kept.append(boundary)
    return kept


def _goes_on(text: str, start: int, boundary: int, end: int) -> bool:
    """Say whether the sentence from `start` does not end at `boundary`."""
    written = text[max(start, boundary - _CONTEXT) : boundary]
    left, right = written.rstrip(), text[boundary : min(end, boundary + _CONTEXT)].lstrip()
    if not left or not any(map(_is_spoken, text[start : min(boundary, start + _CONTEXT)])):
        return True
    if "\n" in written[len(left) :]:
        return bool(_LIST_NUMBER.search(left)) and len(left) < 6
    if _is_closing_mark_only(right):
        return True
    if len(left) == len(written) and left.endswith("."):
        return _is_one_name(left, right)
    if left[-1] in _CLOSERS and right[:1].islower():
        return True
    starts_with_number = boundary - start < _CONTEXT and _LIST_NUMBER.search(left) is not None
    return (starts_with_number and len(left) < 6) or stop_is_inner(left.rstrip(_CLOSERS), right)


def _is_spoken(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character) == "So"


def _is_closing_mark_only(right: str) -> bool:
    return not any(map(_is_spoken, right)) and len(right) < _CONTEXT


def _is_one_name(left: str, right: str) -> bool:
    """Say whether a full stop with no space behind it stands inside a name such as ASP.NET or www.Example.com."""
    before, after = left.split()[-1], re.match(r"\w*", right)
    word = after[0] if after else ""
    if not word.isascii():
        return False
    return bool(_ADDRESS.search(before)) or word.lower() in _DOMAIN_ENDS or (len(word) > 1 and word.isupper())


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


def _capped(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    while end - start > LONGEST_SENTENCE:
        cut = _cut(text, start)
        yield _trimmed(text, start, cut)
        start = _trimmed(text, cut, end).start
    if start < end:
        yield Span(start, end)


def _cut(text: str, start: int) -> int:
    """Return where to cut a sentence that begins at `start` and is too long."""
    window = text[start : start + LONGEST_SENTENCE + 1]
    middle = LONGEST_SENTENCE // 2
    for match in reversed(list(_CLAUSE_END.finditer(window, middle))):
        if match.end() <= LONGEST_SENTENCE:
            return start + match.end()
    for index in range(LONGEST_SENTENCE, 0, -1):
        if window[index].isspace():
            return start + index
    cut = LONGEST_SENTENCE
    while cut > middle and _is_tied(window[cut - 1], window[cut]):
        cut -= 1
    return start + cut


def _is_tied(before: str, after: str) -> bool:
    """Say whether cutting here would part a word that is one, a letter from its accent, or the members of an emoji."""
    return after == TIED or before in _JOINERS or after in _JOINERS or unicodedata.category(after).startswith("M")
