"""Which of the sounds that espeak-ng has for a text belong to which word. For the child only.

espeak-ng reads a clause as a whole, so that "the" and "a" sound as in a sentence. It speaks some words as one ("of the"
is "ʌvðə") and some as several ("1989" in German).
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, Final

from services.tts.engines.espeak_library import EspeakLibrary
from services.tts.engines.espeak_text import PUNCTUATION

Counter = Callable[[Sequence[str]], int]
"""Tells of how many parts words consist when they are spoken."""

_MARKS = "".join(PUNCTUATION)
_WORD = re.compile(r"\S+")
_LANGUAGE_SWITCH = re.compile(r"\([^)]*\)")
_WINDOW_WORDS: Final = 8
"""How many words before a word can change of how many parts it consists; idioms that are spoken as one are shorter."""


def sounds_of(library: EspeakLibrary, pieces: Sequence[dict[str, Any]]) -> list[str]:
    """Return IPA for each piece ("text", "after"), joined what espeak-ng says, with " " before each part of it."""
    written = [f"{piece['text']}{piece['after']} " for piece in pieces]
    starts = list(accumulate(map(len, written), initial=0))
    text, sounds, begin = "".join(written), [""] * len(pieces), 0
    for ipa, end in library.phonemes(text):
        parted = list(_WORD.finditer(text, begin, end))  # a word of hundreds of letters is cut
        words = [word for word in parted if word[0].strip(_MARKS)] or parted
        shares = _shares(_parts(ipa), [word[0] for word in words], partial(_count, library))
        for word, share in zip(words, shares, strict=True):
            sounds[bisect_right(starts, word.start()) - 1] += share
        begin = end
    return sounds


def _parts(ipa: str) -> list[str]:
    return _LANGUAGE_SWITCH.sub("", ipa).split()


def _count(library: EspeakLibrary, words: Sequence[str]) -> int:
    return sum(len(_parts(ipa)) for ipa, _ in library.phonemes(" ".join(words)))


def _shares(parts: Sequence[str], words: Sequence[str], count: Counter) -> list[str]:
    """Give each word its sounds: one part each, else as many as it adds, else in proportion."""
    if len(parts) == len(words):
        return [f" {part}" for part in parts]
    if not words:
        return []
    shares, position = [""] * len(words), 0
    for sharing, added in _groups(parts, words, count):
        *own, shared = parts[position : position + added]
        position += added
        divided = _divided(shared, [words[index] for index in sharing])
        for index, share in zip(sharing, divided, strict=True):
            shares[index] = share
        shares[sharing[0]] = "".join(f" {part}" for part in [*own, shares[sharing[0]]])
    return shares


def _groups(parts: Sequence[str], words: Sequence[str], count: Counter) -> Iterator[tuple[list[int], int]]:
    """Yield the words that are spoken together and of how many parts; a word that is silent is in no group."""
    added = [_added(words[max(0, end - _WINDOW_WORDS) : end], count) for end in range(1, len(words) + 1)]
    if min(added) < 0 or sum(added) != len(parts):
        shares = [len(parts) * index // len(words) for index in range(len(words) + 1)]
        added = [end - start for start, end in pairwise(shares)]
    begins = [index for index, number in enumerate(added) if number]
    for first, next_first in pairwise([*begins, len(words)]):
        yield [first, *(index for index in range(first + 1, next_first) if count([words[index]]))], added[first]


def _added(words: Sequence[str], count: Counter) -> int:
    """Return how many parts the last word adds to those before it."""
    return count(words) - count(words[:-1])


def _divided(part: str, words: Sequence[str]) -> list[str]:
    """Divide a part among the words in proportion to their letters."""
    ends = list(accumulate((len(word) for word in words), initial=0))
    places = [round(len(part) * end / ends[-1]) for end in ends]
    return [part[start:end] for start, end in pairwise(places)]
