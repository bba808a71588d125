"""Words that somebody does not wish to read, or wishes to find: removed, masked or tagged where they were said."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from gateway.transcripts.transcript import Item, Passage, Transcript

Method = Literal["remove", "mask", "tag"]

MASK = "***"


def filtered(transcript: Transcript, words: Iterable[str], method: Method) -> Transcript:
    """Return the transcript with these words, or phrases of several, treated so: whole words, in capitals or not.

    Marks stay, but for those that would stand alone.
    """
    wanted = {phrase for word in words if (phrase := _phrase(word))}
    passages = (replace(passage, items=_treated(passage, wanted, method)) for passage in transcript.passages)
    return replace(transcript, passages=tuple(passage for passage in passages if passage.items))


def _phrase(words: str) -> tuple[str, ...]:
    return tuple(map(_bare, words.split()))


def _bare(text: str) -> str:
    """Return a word as it is compared: however it is encoded, and in capitals or not."""
    return unicodedata.normalize("NFKC", text).casefold()


def _treated(passage: Passage, wanted: set[tuple[str, ...]], method: Method) -> tuple[Item, ...]:
    places = _found(passage.items, wanted)
    if method == "remove":
        return tuple(_without(passage.items, places))
    return tuple(_as(item, method) if place in places else item for place, item in enumerate(passage.items))


def _as(item: Item, method: Method) -> Item:
    return replace(item, text=MASK) if method == "mask" else replace(item, is_filtered=True)


def _without(items: Sequence[Item], places: set[int]) -> Iterator[Item]:
    """Leave out the words in these places, and a mark behind one that would then stand alone or behind another mark."""
    is_behind_word, is_behind_gap = False, False
    for place, item in enumerate(items):
        if place in places:
            is_behind_gap = True
        elif item.is_word or is_behind_word or not is_behind_gap:
            is_behind_word, is_behind_gap = item.is_word, False
            yield item


def _found(items: Sequence[Item], wanted: set[tuple[str, ...]]) -> set[int]:
    """Return the places of the words that are part of a phrase; marks between its words do not matter."""
    places = [place for place, item in enumerate(items) if item.is_word]
    said = [_bare(items[place].text) for place in places]
    lengths = {len(phrase) for phrase in wanted}
    return {
        place
        for start in range(len(said))
        for length in lengths
        if tuple(said[start : start + length]) in wanted
        for place in places[start : start + length]
    }
