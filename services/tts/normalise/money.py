"""Sums of money in English."""

import re

from services.tts.normalise.numbers import NUMBER, cardinal, is_one, number
from services.tts.normalise.tokens import Here, Spoken

_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"),
    "₩": ("won", "won", "jeon", "jeon"),
    "₽": ("rouble", "roubles", "kopek", "kopeks"),
    "¢": ("cent", "cents", "", ""),
}
_CODES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹"}
_COUNTRIES = {"US": "U S", "A": "Australian", "C": "Canadian", "NZ": "New Zealand", "HK": "Hong Kong"}
MAGNITUDES = {"k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "bn": "billion"}
MAGNITUDES |= {"B": "billion", "b": "billion", "tn": "trillion", "T": "trillion"}

_SYMBOLS = re.escape("".join(_CURRENCIES))
_SUFFIX = "k|K|mn|m|M|bn|B|b|tn|T"
_BEFORE = re.compile(
    rf"(?P<sign>[-−])?(?P<country>US|A|C|NZ|HK)?(?P<symbol>[{_SYMBOLS}]|(?:USD|EUR|GBP|JPY|INR) ?)"
    rf"(?P<amount>{NUMBER})(?P<suffix>{_SUFFIX})?(?P<plus>\+)?",
    re.ASCII,
)
_BEHIND = re.compile(
    rf"(?P<sign>[-−])?(?P<amount>{NUMBER})(?P<suffix>{_SUFFIX})? ?(?P<symbol>[{_SYMBOLS}]|USD|EUR|GBP|JPY|INR)",
    re.ASCII,
)
_CENTS = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)\.(\d\d)", re.ASCII)
_COMMA_CENTS = re.compile(r"(\d+),(\d\d)", re.ASCII)
_LARGE = frozenset({"thousand", "million", "billion", "trillion"})


def money(here: Here) -> Spoken | None:
    """$3.50, £1m, €20, 20€, $5/month; the unit of "$3 million" is spoken behind the million."""
    sum_written, slash, each = here.core.partition("/")
    if slash:
        spoken = amount(sum_written) if each.isalpha() else None
        return None if spoken is None else (*spoken, "per", each)
    return amount(here.core, unit_follows=here.after.lower() in _LARGE)


def amount(text: str, *, unit_follows: bool = False) -> Spoken | None:
    """Return a sum of money, or None if `text` is none."""
    text = _COMMA_CENTS.sub(r"\1.\2", text) if _COMMA_CENTS.fullmatch(text[1:]) else text
    if not (found := _BEFORE.fullmatch(text) or _BEHIND.fullmatch(text)):
        return None
    parts = found.groupdict()
    symbol = _CODES.get(parts["symbol"].strip(), parts["symbol"])
    country = _COUNTRIES.get(parts.get("country") or "", "").split()
    sign = ("minus",) if parts["sign"] else ()
    if unit_follows:
        return (*sign, *number(parts["amount"]))
    spoken = _sum(parts["amount"], parts["suffix"], symbol, country)
    return (*sign, *spoken, *(("plus",) if parts.get("plus") else ()))


def large_unit(here: Here) -> Spoken | None:
    """The million of "$3 million"."""
    if here.core.lower() not in _LARGE or not (found := _BEFORE.fullmatch(here.before)):
        return None
    country = _COUNTRIES.get(found["country"] or "", "").split()
    symbol = _CODES.get(found["symbol"].strip(), found["symbol"])
    return (here.core.lower(), *country, _CURRENCIES[symbol][1])


def _sum(written: str, suffix: str | None, symbol: str, country: list[str]) -> Spoken:
    one, many, cent, cents = _CURRENCIES[symbol]
    if suffix:
        return (*number(written), MAGNITUDES[suffix], *country, many)
    found = _CENTS.fullmatch(written)
    if not found or not cent:
        return (*number(written), *country, one if is_one(written) else many)
    small = () if found[2] == "00" else (*cardinal(str(int(found[2]))), cent if found[2] == "01" else cents)
    if small and found[1] == "0":
        return small
    large = (*cardinal(found[1]), *country, one if is_one(found[1]) else many)
    return (*large, "and", *small) if small else large
