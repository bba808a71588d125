"""Dates and times of day in English."""

import re

from services.tts.normalise.numbers import cardinal, digits, ordinal, year
from services.tts.normalise.tokens import Here, Spoken

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

MONTH_NAMES = {month.lower(): month for month in MONTHS} | {month[:3].lower(): month for month in MONTHS}
MONTH_NAMES["sept"] = "September"

_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?i:([ap])\.?m\.?)?", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})(?i:([ap])\.?m\.?)", re.ASCII)
_RATIO = re.compile(r"(\d{1,3}):(\d{1,3})", re.ASCII)
_HALF_DAY = re.compile(r"(?i:([ap])\.?m\.?)")
_ENDS_AS_TIME = re.compile(r"\d{1,2}(:\d{2}){0,2}", re.ASCII)
_DAY = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?", re.ASCII)
_YEAR = re.compile(r"(?:1[1-9]|20)\d\d", re.ASCII)
_DECADE = re.compile(r"((?:1[1-9]|20)?)(\d)0'?s", re.ASCII)


def spoken_date(day: str | None, month: str | None, year_written: str | None) -> Spoken | None:
    """Return a date from its parts in digits, or None if there is no such day or month."""
    if month is not None and not 1 <= int(month) <= 12:
        return None
    if day is not None and not 1 <= int(day) <= 31:
        return None
    spoken: Spoken = () if month is None else (MONTHS[int(month) - 1],)
    spoken += () if day is None else ordinal(day)
    return spoken + (() if year_written is None else spoken_year(year_written))


def spoken_year(written: str) -> Spoken:
    """Return a year in two or four digits."""
    if len(written) == 2:
        return ("oh", *digits(written[1])) if written[0] == "0" else cardinal(written)
    return year(written) if len(written) <= 4 else cardinal(written)


def numeric_date(here: Here) -> Spoken | None:
    """2024-05-03, 1/2/2024, 03.05.24: month first unless the language has the day first or the number is no month."""
    if found := _ISO.fullmatch(here.core):
        return spoken_date(found[3], found[2], found[1])
    if not (found := _NUMERIC.fullmatch(here.core)):
        return None
    first, second = found[1], found[3]
    day_first = here.day_first or found[2] == "." or int(first) > 12
    return spoken_date(*((first, second) if day_first and int(second) <= 12 else (second, first)), found[4])


def day_of_month(here: Here) -> Spoken | None:
    """The 3 of "May 3", "3 May" and "3rd May"."""
    found = _DAY.fullmatch(here.core)
    if not found or not 1 <= int(found[1]) <= 31:
        return None
    if is_month(here.before) and not is_month(here.after):
        return ordinal(found[1])
    if not is_month(here.after):
        return None
    return (*(() if here.before.lower() == "the" else ("the",)), *ordinal(found[1]), "of")


def is_month(word: str) -> bool:
    """Say whether the word is a month's name, with a capital letter."""
    return word[:1].isupper() and word.lower().rstrip(".") in MONTH_NAMES


def month_abbreviation(here: Here) -> Spoken | None:
    """The Jan of "Jan. 5" and "5 Jan"."""
    word = here.core.rstrip(".")
    near_number = here.after[:1].isdecimal() or _DAY.fullmatch(here.before) is not None
    return (MONTH_NAMES[word.lower()],) if is_month(word) and len(word) <= 4 and near_number else None


def is_year(text: str) -> bool:
    """Say whether these are four digits that are usually a year: 1100 to 2099."""
    return _YEAR.fullmatch(text) is not None


def plain_year(here: Here) -> Spoken | None:
    """1984, 2024."""
    return year(here.core) if is_year(here.core) else None


def decade(here: Here) -> Spoken | None:
    """1990s, 90s."""
    found = _DECADE.fullmatch(here.core)
    if not found or (not found[1] and found[2] in "01"):
        return None
    century, tens = found[1], f"{found[2]}0"
    if tens == "00":
        return (*cardinal(f"{century}00"), "s") if century == "20" else (*cardinal(century), "hundreds")
    plural = f"{cardinal(tens)[0].removesuffix('y')}ies" if tens != "10" else "tens"
    return (*cardinal(century), plural) if century else (plural,)


def time_of_day(here: Here) -> Spoken | None:
    """15:30, 3:45pm, 3pm; numbers with a colon that are no time are a ratio."""
    return clock(here.core, has_half_day=_HALF_DAY.fullmatch(here.after) is not None) or _ratio(here.core)


def clock(text: str, *, has_half_day: bool = False) -> Spoken | None:
    """Return a time of day, or None if `text` is none. `has_half_day`: am or pm follows as a word of its own."""
    if found := _HOUR.fullmatch(text):
        return (*cardinal(str(int(found[1]))), *_half_day(found[2])) if 1 <= int(found[1]) <= 12 else None
    if not (found := _CLOCK.fullmatch(text)):
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if hour > 24 or minute > 59 or second > 59:
        return None
    spoken = (*cardinal(str(hour)), *_minutes(hour, minute, is_bare=not (found[4] or has_half_day)))
    seconds = ("and", *cardinal(str(second)), "second" if second == 1 else "seconds") if found[3] else ()
    return (*spoken, *seconds, *_half_day(found[4]))


def half_day(here: Here) -> Spoken | None:
    """The pm of "3 pm" and "3:45 p.m."."""
    found = _HALF_DAY.fullmatch(here.core)
    return _half_day(found[1]) if found and _ENDS_AS_TIME.fullmatch(here.before) else None


def _minutes(hour: int, minute: int, *, is_bare: bool) -> Spoken:
    if minute == 0:
        return ("hundred" if hour == 0 or hour > 12 else "o'clock",) if is_bare else ()
    return ("oh", *cardinal(str(minute))) if minute < 10 else cardinal(str(minute))


def _half_day(letter: str | None) -> Spoken:
    return (letter.upper(), "M") if letter else ()


def _ratio(text: str) -> Spoken | None:
    found = _RATIO.fullmatch(text)
    return (*cardinal(found[1]), "to", *cardinal(found[2])) if found else None
