"""`<say-as>` in English: text read as it was asked to be, or as plain text where that is impossible."""

import re
from collections.abc import Callable

from services.tts.normalise.dates import clock, spoken_date
from services.tts.normalise.money import amount
from services.tts.normalise.numbers import cardinal, digits, fraction, ordinal, signed_number
from services.tts.normalise.telephone import spoken_telephone
from services.tts.normalise.tokens import Spoken
from services.tts.normalise.units import unit_words
from services.tts.normalise.web import character_names
from shared.text.document import SayAs

Reading = Callable[[str, str | None], Spoken | None]

_BLEEP = ("bleep",)
_QUANTITY = re.compile(r"([+\-−]?[\d.,]+)\s*(\S{1,8})", re.ASCII)
_DURATION = re.compile(r"(?:(\d{1,4})')?(?:(\d{1,4})\")?", re.ASCII)
_SEPARATORS = re.compile(r"[^0-9]+")
_DATE_ORDERS = {"d": "d", "m": "m", "y": "y", "yyyymmdd": "ymd"}
_HOUSE_NUMBER = re.compile(r"\b(\d{3,6})\b", re.ASCII)


def say_as(text: str, asked: SayAs, language: str = "en") -> Spoken | None:
    """Return the words for `text` read as asked, or None if it cannot be read that way."""
    form = asked.format or ("dmy" if asked.interpret_as == "date" and language.upper().endswith("-GB") else None)
    return _READINGS[asked.interpret_as](text.strip(), form)


def _cardinal(text: str, _: str | None) -> Spoken | None:
    return signed_number(text)


def _ordinal(text: str, _: str | None) -> Spoken | None:
    written = re.sub(r"(?i:st|nd|rd|th)$", "", text).replace(",", "")
    return ordinal(written) if written.isdecimal() and written.isascii() else None


def _fraction(text: str, _: str | None) -> Spoken | None:
    return fraction(text.replace("+", " "))


def _unit(text: str, _: str | None) -> Spoken | None:
    found = _QUANTITY.fullmatch(text)
    value = signed_number(found[1]) if found else None
    if not found or value is None:
        return None
    words = unit_words(found[2], is_single=found[1] == "1")
    return None if words is None else (*value, *words)


def _date(text: str, form: str | None) -> Spoken | None:
    order = _DATE_ORDERS.get(form or "mdy", form or "mdy")
    parts = [part for part in _SEPARATORS.split(text) if part]
    if len(parts) == 1 and len(parts[0]) == 8 and order == "ymd":
        parts = [text[:4], text[4:6], text[6:]]
    if form is None and parts and len(parts[0]) == 4:
        order = "ymd"
    if len(parts) != len(order) or any(len(part) > 4 for part in parts) or not text[0].isdecimal():
        return None
    named = dict(zip(order, parts, strict=True))
    return spoken_date(named.get("d"), named.get("m"), named.get("y"))


def _time(text: str, _: str | None) -> Spoken | None:
    duration = _DURATION.fullmatch(text)
    if not text or not duration:
        return clock(text.replace(" ", ""))
    pairs = [(duration[1], "minute"), (duration[2], "second")]
    return tuple(
        word
        for written, name in pairs
        if written
        for word in (*cardinal(str(int(written))), name if int(written) == 1 else f"{name}s")
    )


def _address(text: str, _: str | None) -> Spoken | None:
    """House numbers and post codes digit by digit; the rest is plain text."""
    if not _HOUSE_NUMBER.search(text):
        return None
    spoken: list[str] = []
    for piece in _HOUSE_NUMBER.split(text):
        spoken += digits(piece) if piece.isdecimal() else piece.replace(",", " ").split()
    return tuple(spoken)


def _currency(text: str, _: str | None) -> Spoken | None:
    return amount(text) or amount(" ".join(reversed(text.split())))


def _characters(text: str, _: str | None) -> Spoken | None:
    return character_names(text) or None


def _telephone(text: str, _: str | None) -> Spoken | None:
    return spoken_telephone(text) or None


def _digits(text: str, _: str | None) -> Spoken | None:
    return digits(text) if text.isascii() and text.isdecimal() else None


def _bleep(_: str, __: str | None) -> Spoken | None:
    return _BLEEP


_READINGS: dict[str, Reading] = {
    "characters": _characters,
    "spell-out": _characters,
    "cardinal": _cardinal,
    "number": _cardinal,
    "ordinal": _ordinal,
    "digits": _digits,
    "fraction": _fraction,
    "unit": _unit,
    "date": _date,
    "time": _time,
    "telephone": _telephone,
    "address": _address,
    "expletive": _bleep,
    "currency": _currency,
}
