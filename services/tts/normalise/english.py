"""English: the rules that turn a written word into spoken ones, the first that fits."""

import re
import unicodedata
from collections.abc import Callable
from itertools import zip_longest

from services.tts.normalise.dates import (
    day_of_month,
    decade,
    half_day,
    month_abbreviation,
    numeric_date,
    plain_year,
    time_of_day,
)
from services.tts.normalise.letters import abbreviation, initialism, keeps_stop, letters_and_digits, roman_numeral
from services.tts.normalise.money import large_unit, money
from services.tts.normalise.numbers import fraction, ordinal, signed_number
from services.tts.normalise.telephone import telephone_number
from services.tts.normalise.tokens import Here, Spoken, Token, Written
from services.tts.normalise.units import lone_unit, number_range, quantity, unit_words
from services.tts.normalise.web import address, fixed, social, symbol, version

Rule = Callable[[Here], Spoken | None]

_DAY_FIRST_REGIONS = frozenset({"GB", "AU", "NZ", "IE", "IN", "ZA"})
_MEANINGLESS = frozenset({"So", "Sk", "Cf", "Mn", "Me", "Co", "Cn", "Cc"})
_COMPOUND = re.compile(r"(?=[^\d]*\d)(?=.*[^\W\d_])[^\W_]+(?:-[^\W_]+)+")
_NOTHING = Written("", "", "", 0, 0)
_ORDINAL_ENDS = ("st", "nd", "rd", "th")


def english_tokens(words: list[Written], language: str = "en") -> list[Token]:
    """Return a token for every written word."""
    words = [
        word.with_stop() if word.trailing.startswith(".") and keeps_stop(word.core, following.core) else word
        for word, following in zip_longest(words, words[1:], fillvalue=_NOTHING)
    ]
    day_first = language.upper().partition("-")[2] in _DAY_FIRST_REGIONS
    return [word.token(spoken_word(Here(words, index, day_first))) for index, word in enumerate(words)]


def spoken_word(here: Here) -> Spoken:
    """Return the words to speak for one written word."""
    for rule in RULES:
        if (spoken := rule(here)) is not None:
            return spoken
    return readable(here.core)


def readable(core: str) -> Spoken:
    """Return a word that no rule knows: as it is, without smileys and signs."""
    if core.isalpha():
        return (core,)
    kept = "".join(
        " " if character in "_/\\|<>={}[]()*~^" else character
        for character in core
        if unicodedata.category(character) not in _MEANINGLESS or unicodedata.category(character) == "Mn"
    )
    return tuple(word for word in kept.split() if any(map(str.isalnum, word)))


def _ordinal_number(here: Here) -> Spoken | None:
    """1st, 22nd, 1,000th."""
    if here.core[-2:].lower() not in _ORDINAL_ENDS:
        return None
    written = here.core[:-2].replace(",", "")
    return ordinal(written) if written.isdecimal() and written.isascii() else None


def _fraction(here: Here) -> Spoken | None:
    """3/4, ½."""
    return fraction(here.core)


def _bare_number(here: Here) -> Spoken | None:
    """1,234, -5, 3.14; four digits before a unit are no year."""
    is_counted = unit_words(here.after, is_single=False) is not None
    return signed_number(here.core) if is_counted else plain_year(here) or signed_number(here.core)


def _digits_of_any_script(here: Here) -> Spoken | None:
    """Digits of other scripts, read as ours."""
    if here.core.isascii() or not here.core.isdecimal():
        return None
    return signed_number("".join(str(unicodedata.decimal(character)) for character in here.core))


def _compound(here: Here) -> Spoken | None:
    """4-year-old, 20th-century, GPT-4: piece by piece."""
    if not _COMPOUND.fullmatch(here.core):
        return None
    pieces = [Written("", piece, "", 0, 0) for piece in here.core.split("-")]
    return tuple(word for index in range(len(pieces)) for word in spoken_word(Here(pieces, index)))


RULES: tuple[Rule, ...] = (
    fixed, address, telephone_number, numeric_date, money, large_unit, time_of_day, half_day, day_of_month,
    month_abbreviation, decade, number_range, version, _fraction, quantity, lone_unit, _ordinal_number, _bare_number,
    _digits_of_any_script, social, roman_numeral, abbreviation, initialism, _compound, letters_and_digits, symbol,
)  # fmt: skip
