"""Lexicons heard in a text: words that they hold are spoken as they say, and stay where they stand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from shared.lexicons.lexicon import Lexicon, Pronunciation
from shared.text.assemble import is_plain, sliced
from shared.text.document import Run

_WORD_GOES_ON = r"(?:\w|['’]\w)"


class _Words(NamedTuple):
    found: re.Pattern[str]
    pronunciations: dict[str, Pronunciation]


class Pronunciations:
    """The lexicons of one request. Where two hold a word, the first says how it is spoken.

    Words are told apart by their case, and whole words only are found. What markup already says of a text is left.
    """

    def __init__(self, lexicons: Sequence[Lexicon] = ()) -> None:
        self._lexicons = lexicons
        self._by_language: dict[str, _Words | None] = {}

    def applied(self, run: Run, language: str) -> Iterator[Run]:
        """Yield the run's pieces in order: what lexicons of its language hold has their alias or ipa."""
        words = self._words(language) if self._lexicons and is_plain(run) else None
        taken = 0
        for match in words.found.finditer(run.text) if words else ():
            spoken = words.pronunciations[_spaced(match[0])] if words else Pronunciation()
            if match.start() > taken:
                yield sliced(run, taken, match.start())
            yield replace(sliced(run, match.start(), match.end()), alias=spoken.alias, ipa=spoken.ipa)
            taken = match.end()
        if taken < len(run.text):
            yield sliced(run, taken, len(run.text))

    def _words(self, language: str) -> _Words | None:
        if language not in self._by_language:
            self._by_language[language] = self._found(language)
        return self._by_language[language]

    def _found(self, language: str) -> _Words | None:
        words: dict[str, Pronunciation] = {}
        for lexicon in self._lexicons:
            if speaks_of(lexicon.language, language):
                words = {**lexicon.words, **words}
        if not words:
            return None
        longest_first = sorted(words, key=len, reverse=True)
        any_word = "|".join(r"\s+".join(map(re.escape, word.split())) for word in longest_first)
        return _Words(re.compile(rf"(?<!\w)(?:{any_word})(?!{_WORD_GOES_ON})"), words)


def speaks_of(lexicon: str, text: str) -> bool:
    """Tell whether a lexicon's language is a text's: either may leave open of which region it is."""
    one, other = f"{lexicon.lower()}-", f"{text.lower()}-"
    return one.startswith(other) or other.startswith(one)


def _spaced(written: str) -> str:
    return " ".join(written.split())
