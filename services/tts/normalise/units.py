"""Quantities with units in English."""

import re

from services.tts.normalise.dates import is_year
from services.tts.normalise.money import MAGNITUDES
from services.tts.normalise.numbers import NUMBER, fraction, is_one, number, signed_number, year
from services.tts.normalise.tokens import Here, Spoken


def _metric(prefixes: str, unit: str, name: str) -> dict[str, tuple[str, str]]:
    words = {"k": "kilo", "M": "mega", "G": "giga", "T": "tera", "m": "milli", "c": "centi", "µ": "micro", "n": "nano"}
    names = {f"{prefix}{unit}": f"{words[prefix]}{name}" for prefix in prefixes} | {unit: name}
    return {short: (long, f"{long}s") for short, long in names.items()}


_UNITS: dict[str, tuple[str, str]] = {
    **_metric("kcmµn", "m", "metre"), **_metric("kmµ", "g", "gram"), **_metric("mc", "l", "litre"),
    **_metric("mc", "L", "litre"), **_metric("mµn", "s", "second"), **_metric("kM", "W", "watt"),
    **_metric("kMG", "Wh", "watt hour"), **_metric("km", "V", "volt"), **_metric("m", "A", "amp"),
    **_metric("m", "Ah", "amp hour"), **_metric("k", "J", "joule"), **_metric("kMGT", "B", "byte"),
    **_metric("kMG", "b", "bit"),
    "kHz": ("kilohertz",) * 2, "MHz": ("megahertz",) * 2, "GHz": ("gigahertz",) * 2, "Hz": ("hertz",) * 2,
    "KB": ("kilobyte", "kilobytes"), "kcal": ("kilocalorie", "kilocalories"), "cal": ("calorie", "calories"),
    "dB": ("decibel", "decibels"), "px": ("pixel", "pixels"), "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"), "sec": ("second", "seconds"), "secs": ("second", "seconds"),
    "h": ("hour", "hours"), "hr": ("hour", "hours"), "hrs": ("hour", "hours"), "yr": ("year", "years"),
    "yrs": ("year", "years"), "lb": ("pound", "pounds"), "lbs": ("pound", "pounds"), "oz": ("ounce", "ounces"),
    "ft": ("foot", "feet"), "in": ("inch", "inches"), "yd": ("yard", "yards"), "mi": ("mile", "miles"),
    "ha": ("hectare", "hectares"), "t": ("tonne", "tonnes"), "mph": ("mile per hour", "miles per hour"),
    "tbsp": ("tablespoon", "tablespoons"), "tsp": ("teaspoon", "teaspoons"), "x": ("times",) * 2, "+": ("plus",) * 2,
    "kph": ("kilometre per hour", "kilometres per hour"), "fps": ("frame per second", "frames per second"),
    "rpm": ("revolution per minute", "revolutions per minute"), "bps": ("bit per second", "bits per second"),
    "kbps": ("kilobit per second", "kilobits per second"), "Mbps": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"), "°C": ("degree Celsius", "degrees Celsius"),
    "°F": ("degree Fahrenheit", "degrees Fahrenheit"), "°": ("degree", "degrees"), "%": ("percent",) * 2,
    "‰": ("per mille",) * 2, "m²": ("square metre", "square metres"), "km²": ("square kilometre", "square kilometres"),
    "m³": ("cubic metre", "cubic metres"), "sq": ("square",) * 2, "ppm": ("part per million", "parts per million"),
}  # fmt: skip

_NEVER_ALONE = frozenset({"in", "A", "V", "B", "b", "t", "h", "s", "l", "L", "sq", "J", "W", "cal", "Ah"})
"""Written apart from its number, this is more often a word or a name."""

_QUANTITY = re.compile(rf"(?P<number>[+\-−~]?(?:{NUMBER}))(?P<unit>\+|[^\d\s.,+\-−~]\S{{0,7}})", re.ASCII)
_RANGE = re.compile(rf"(?P<low>{NUMBER})[-–—](?P<high>{NUMBER})(?P<unit>\D{{0,6}})", re.ASCII)
_HUNDREDS = frozenset({"4K", "8K"})


def unit_words(unit: str, *, is_single: bool) -> Spoken | None:
    """Return the words for a unit such as kg or km/h, or None if it is unknown."""
    top, slash, bottom = unit.partition("/")
    if top not in _UNITS or (slash and bottom not in _UNITS):
        return None
    spoken = tuple(_UNITS[top][0 if is_single else 1].split())
    return (*spoken, "per", *_UNITS[bottom][0].split()) if slash else spoken


def quantity(here: Here) -> Spoken | None:
    """10kg, 20°C, 50%, 10K."""
    found = _QUANTITY.fullmatch(here.core)
    if not found or here.core in _HUNDREDS:
        return None
    written, unit = found["number"], found["unit"]
    about = ("about",) if written.startswith("~") else ()
    value = signed_number(written.removeprefix("~")) or ()
    if words := unit_words(unit, is_single=is_one(written)):
        return (*about, *value, *words)
    return (*about, *value, MAGNITUDES[unit]) if unit in MAGNITUDES else None


def lone_unit(here: Here) -> Spoken | None:
    """The km of "5 km"."""
    if here.core in _NEVER_ALONE or not _is_amount(here.before):
        return None
    return unit_words(here.core, is_single=is_one(here.before))


def _is_amount(text: str) -> bool:
    """Say whether a unit may stand behind this word."""
    return any((signed_number(text), fraction(text), _RANGE.fullmatch(text)))


def number_range(here: Here) -> Spoken | None:
    """10-20, 5–10kg, 10-20%."""
    if not (found := _RANGE.fullmatch(here.core)):
        return None
    unit = unit_words(found["unit"], is_single=False) if found["unit"] else ()
    return None if unit is None else (*_end(found["low"]), "to", *_end(found["high"]), *unit)


def _end(written: str) -> Spoken:
    """Return one end of a range; four digits are a year."""
    return year(written) if is_year(written) else number(written)
