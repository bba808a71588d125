"""The symbols that a voice was trained on, and the numbers of an utterance in them."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import dropwhile, groupby
from typing import Annotated, Final, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from services.tts.speech import SpokenWord
from shared.store import Parameters

MOST_SYMBOLS: Final = 300
"""Of one sequence: some 20 seconds of speech. A network's work and memory grow faster than its length, and the vocoder
holds other Python work up while it sounds one."""
_MARKS: Final = {
    **{".": ".", ",": ",", ";": ";", ":": ":", "!": "!", "?": "?", "…": ".", "—": ",", "–": ","},
    **{"。": ".", "、": ",", "！": "!", "？": "?", "，": ",", "؟": "?", "،": ",", "؛": ";", "।": "."},
}
"""Punctuation that shapes the phrasing, and what is nearest to it where a voice does not know it."""
_LETTER = re.compile(".[\u0300-\u036f\u1dc0-\u1dff]*", re.DOTALL)

Symbol = Annotated[str, Field(min_length=1, max_length=16)]
Ids = Annotated[list[Annotated[int, Field(ge=0, lt=1 << 16)]], Field(min_length=1, max_length=4)]


class FrontEnd(Parameters):
    """How text becomes the numbers that a network reads."""

    phonemizer: Literal["espeak", "characters"]
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[a-z0-9]{1,8}){0,4}$")]
    """As espeak-ng names it, in small letters."""
    symbols: Annotated[dict[Symbol, Ids], Field(min_length=1, max_length=4096)]
    """The numbers of each code point (NFD), and of the names below."""
    blank: Symbol | None = None
    """Put between all symbols."""
    blank_ends: bool = False
    """Whether it stands at both ends too."""
    start: Symbol | None = None
    end: Symbol | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not {self.blank, self.start, self.end} - {None} <= self.symbols.keys():
            raise ValueError("blank, start and end have to be among the symbols")
        return self

    def ids_of(self, name: str | None) -> list[int]:
        """Return the numbers of a symbol; none for None."""
        return [] if name is None else self.symbols[name]

    @cached_property
    def spoken(self) -> frozenset[str]:
        """The symbols that text may mean: not those that only part or frame the others."""
        return frozenset(self.symbols) - {self.blank, self.start, self.end}

    def known(self, sounds: str) -> Iterator[str]:
        """Yield the symbols of IPA or letters, in Unicode's decomposed form where the voice has that."""
        for letter in _LETTER.findall(unicodedata.normalize("NFD", sounds)):
            composed = unicodedata.normalize("NFC", letter)
            if composed in self.spoken and not self.spoken.issuperset(letter):
                yield composed
            else:
                yield from (sign for sign in letter if sign in self.spoken)

    def marks(self, after: str) -> Iterator[str]:
        """Yield the symbols of the punctuation behind a word, or their nearest; one for several alike."""
        meant = (mark if mark in self.spoken else _MARKS[mark] for mark in after if mark in _MARKS)
        return (mark for mark, _ in groupby(meant) if mark in self.spoken)


class _Sign(NamedTuple):
    ids: list[int]
    word: int | None
    sound: str | None = None
    """IPA or a letter; "" for a pause, None for what has no sound of its own."""
    parts_words: bool = False


@dataclass(frozen=True, slots=True)
class IdSequence:
    """What a network reads at one go, and for each id which word it sounds; None for pauses and what frames them."""

    ids: tuple[int, ...]
    words: tuple[int | None, ...]
    sounds: tuple[str | None, ...]
    """Which sound or letter begins with an id; "" for a pause."""


def id_sequences(front_end: FrontEnd, words: Sequence[SpokenWord], sounds: Sequence[str]) -> list[IdSequence]:
    """Return the numbers of an utterance whose words have those sounds, as `Phonemizer.sounds` tells them.

    An utterance of more than MOST_SYMBOLS is cut between words; one with nothing to speak has no sequence.
    """
    return [_sequence(front_end, part) for part in _cut(list(_signs(front_end, words, sounds)))]


def _signs(front_end: FrontEnd, words: Sequence[SpokenWord], sounds: Sequence[str]) -> Iterator[_Sign]:
    for index, (word, sound) in enumerate(zip(words, sounds, strict=True)):
        for sign in front_end.known(sound):
            is_space = sign == " "
            yield _Sign(front_end.symbols[sign], *((None, None, True) if is_space else (index, sign)))
        for mark in front_end.marks(word.after):
            yield _Sign(front_end.symbols[mark], None, "")


def _cut(signs: list[_Sign]) -> Iterator[list[_Sign]]:
    """Yield parts of at most MOST_SYMBOLS: from a sound to a pause, or to the end of a word, where there is one."""
    while signs := list(dropwhile(lambda sign: sign.word is None, signs)):
        gaps = [place for place, sign in enumerate(signs[: MOST_SYMBOLS + 1]) if sign.parts_words]
        pauses = [place for place in gaps if signs[place - 1].word is None and place > MOST_SYMBOLS // 2]
        end = len(signs) if len(signs) <= MOST_SYMBOLS else max(pauses or gaps, default=MOST_SYMBOLS)
        yield signs[:end]
        signs = signs[end:]


def _sequence(front_end: FrontEnd, signs: Sequence[_Sign]) -> IdSequence:
    start, end = (_Sign(front_end.ids_of(name), None) for name in (front_end.start, front_end.end))
    blank = front_end.ids_of(front_end.blank)
    placed: list[_Sign] = [_Sign(blank, None)] if front_end.blank_ends else []
    framed = [sign for sign in (start, *signs, end) if sign.ids]
    for sign in framed:
        is_last = sign is framed[-1]
        # What a network holds in the blank behind a sound is the rest of that sound.
        placed += [sign, *([] if is_last and not front_end.blank_ends else [_Sign(blank, sign.word)])]
    ids = [(id, sign.word, None if place else sign.sound) for sign in placed for place, id in enumerate(sign.ids)]
    return IdSequence(*(tuple(column) for column in zip(*ids, strict=True)))
