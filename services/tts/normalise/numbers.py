"""Number words in English, from num2words, with bounds on what it is asked."""

import re
from functools import lru_cache

from num2words import num2words

from services.tts.normalise.tokens import Spoken

LONGEST_NUMBER_DIGITS = 15
"""A longer one is read digit by digit, so that words grow no faster than what was written."""

NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"
NUMBER_PATTERN = re.compile(f"(?P<sign>[+\\-−])?(?P<number>{NUMBER})", re.ASCII)

_DIGITS = {
    "0": "zero", "1": "one", "2": "two", "3": "three", "4": "four",
    "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "nine",
}  # fmt: skip
_DENOMINATORS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
_VULGAR = {
    "½": "1/2",
    "⅓": "1/3",
    "⅔": "2/3",
    "¼": "1/4",
    "¾": "3/4",
    "⅕": "1/5",
    "⅛": "1/8",
    "⅜": "3/8",
    "⅝": "5/8",
    "⅞": "7/8",
}
_FRACTION = re.compile(r"(?:(\d{1,4})[ -])?(\d{1,3})[/⁄](\d{1,3})", re.ASCII)


def digits(text: str) -> Spoken:
    """Return the digits of `text`, one by one."""
    return tuple(_DIGITS[character] for character in text if character in _DIGITS)


def cardinal(text: str) -> Spoken:
    """Return a whole number; digit by digit if it is very long or begins with a zero."""
    text = text.replace(",", "")
    if len(text) > LONGEST_NUMBER_DIGITS or (len(text) > 1 and text[0] == "0"):
        return digits(text)
    return _words("cardinal", int(text))


def ordinal(text: str) -> Spoken:
    """Return the ordinal of a whole number, as a cardinal where it is too long for one."""
    text = text.replace(",", "")
    return cardinal(text) if len(text) > LONGEST_NUMBER_DIGITS else _words("ordinal", int(text))


def year(text: str) -> Spoken:
    """Return a whole number as a year."""
    return _words("year", int(text))


def number(text: str) -> Spoken:
    """Return a number as matched by NUMBER: 1,234 or 3.10 or .5."""
    whole, dot, fraction = text.partition(".")
    spoken = cardinal(whole) if whole else ()
    return (*spoken, "point", *digits(fraction)) if dot else spoken


def signed_number(text: str) -> Spoken | None:
    """Return a number with its sign, or None if `text` is no number."""
    if not (found := NUMBER_PATTERN.fullmatch(text)):
        return None
    sign = {None: (), "+": ("plus",)}.get(found["sign"], ("minus",))
    return (*sign, *number(found["number"]))


def fraction(text: str) -> Spoken | None:
    """Return a fraction such as 3/4, 1 1/2 or ½, or None if `text` is none."""
    if text and text[-1] in _VULGAR:
        text = f"{text[:-1]} {_VULGAR[text[-1]]}".strip()
    found = _FRACTION.fullmatch(text)
    if not found or int(found[3]) < 2 or found[2].startswith("0"):
        return None
    top, bottom = int(found[2]), int(found[3])
    one, many = _DENOMINATORS.get(bottom) or _denominator(bottom)
    part = (*cardinal(found[2]), one if top == 1 else many)
    return (*cardinal(found[1]), "and", *(("a", one) if top == 1 else part)) if found[1] else part


def is_one(text: str) -> bool:
    """Say whether the number takes a singular."""
    return text.lstrip("+-−") in ("1", "1.0")


def _denominator(bottom: int) -> tuple[str, str]:
    name = " ".join(_words("ordinal", bottom))
    return name, f"{name}s"


@lru_cache(maxsize=4096)
def _words(kind: str, value: int) -> Spoken:
    spoken: str = num2words(value, to=kind)
    return tuple(spoken.replace(",", "").replace("-", " ").split())
