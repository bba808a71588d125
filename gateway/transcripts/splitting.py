"""Words as engines tell them, with the marks that stand behind them, to words and marks."""

import re
from collections.abc import Iterable, Iterator

from gateway.transcripts.transcript import Item

_WORD_AND_MARKS = re.compile(r"(.*?)([.,?!;:…。，、？！；：।؟،؛]*)", re.DOTALL)
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.){2,}")
"""Such as "U.S.", whose last point is a part of it."""


def split(words: Iterable[Item]) -> Iterator[Item]:
    """Yield each word without the marks behind it, and then each of them; of nothing but marks, only these."""
    for word in words:
        text, marks = _parted(word.text)
        if text:
            yield Item(text, word.start_seconds, word.end_seconds, word.probability)
        yield from map(Item, marks)


def _parted(text: str) -> tuple[str, str]:
    if _ABBREVIATION.fullmatch(text):
        return text, ""
    found = _WORD_AND_MARKS.fullmatch(text)
    assert found
    return found[1], found[2]
