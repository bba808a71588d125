"""Abbreviations, initialisms and Roman numerals in English."""

import re

from services.tts.normalise.numbers import cardinal, digits, number, ordinal
from services.tts.normalise.tokens import Here, Spoken
from shared.text.words import word_set

_ABBREVIATIONS = {
    "mr": "Mister", "mrs": "Missus", "ms": "Miz", "messrs": "Messieurs", "prof": "Professor", "rev": "Reverend",
    "gen": "General", "col": "Colonel", "capt": "Captain", "lt": "Lieutenant", "sgt": "Sergeant", "cpl": "Corporal",
    "maj": "Major", "adm": "Admiral", "cmdr": "Commander", "gov": "Governor", "sen": "Senator", "rep": "Representative",
    "pres": "President", "hon": "Honourable", "jr": "Junior", "sr": "Senior", "mt": "Mount", "ft": "Fort",
    "ave": "Avenue", "blvd": "Boulevard", "rd": "Road", "ln": "Lane", "hwy": "Highway", "apt": "Apartment",
    "dept": "department", "inc": "Incorporated", "ltd": "Limited", "corp": "Corporation", "co": "Company",
    "bros": "Brothers", "vs": "versus", "etc": "et cetera", "e.g": "for example", "i.e": "that is", "cf": "compare",
    "viz": "namely", "approx": "approximately", "est": "established", "esp": "especially", "incl": "including",
    "a.k.a": "also known as", "tel": "telephone", "ext": "extension", "vol": "volume", "fig": "figure",
    "figs": "figures", "eq": "equation", "ch": "chapter", "pp": "pages", "et al": "and others", "min": "minutes",
    "max": "maximum", "govt": "government", "intl": "international", "univ": "University", "assn": "association",
}  # fmt: skip
_ALSO_WITHOUT_STOP = word_set("mr mrs messrs vs etc dept blvd govt jr sgt")
_ORDINARY_WORDS = word_set("co est fig max min ext gen rep hon pres ch")
"""Only abbreviations before a number or a name, and not last in a sentence."""

_AS_WORDS = word_set(
    "NATO NASA UNICEF UNESCO OPEC AIDS SCUBA LASER RADAR SONAR FIFA UEFA NAFTA ASEAN COVID JPEG GIF RAM ROM PIN SIM "
    "ASAP CAPTCHA SWAT NASDAQ FEMA OSHA HIPAA LAN WAN GIS SARS INTERPOL BREXIT"
)
_SPELLED = word_set(
    "USA US UK EU UN AI UAE FBI CIA IRS FAQ CEO CFO CTO CIO API URL USB CPU GPU IBM BBC CNN NBA NHL USSR AM PM ID IQ "
    "UI UX IT IP IO ATM EV SUV DIY DNA RNA BA MA PhD IPO IOS AWS EUR USD UFO UAV NYU UCLA LA ABC ISO IEEE IPA ASR VIP "
    "RIP OK TV PC CD DVD HTTP HTTPS HTML CSS PDF XML JSON SQL SSML TTS STT MIT"
)
_SOUNDS = word_set("HM HMM HMMM SH SHH SHHH PSST TSK BRR BRRR PFFT GRR GRRR ZZZ MR MRS MS DR ST JR SR VS NTH")

_CAPITALS = re.compile(r"[A-Z]{2,6}")
_PLURAL_CAPITALS = re.compile(r"([A-Z]{2,5})('?s)")
_DOTTED = re.compile(r"(?:[A-Za-z]\.){1,6}[A-Za-z]?\.?")
_MIXED = re.compile(r"[A-Za-z]+(?:-?\d+[A-Za-z]*)+|\d+[A-Za-z]+(?:-?\d*[A-Za-z]+)*", re.ASCII)
_CHUNK = re.compile(r"[A-Za-z]+|\d+", re.ASCII)
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})")
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10}

_REIGNED = word_set(
    "Henry Louis Charles James Edward George William Richard Elizabeth Mary Napoleon Nicholas Francis Pius Catherine "
    "John Paul Benedict Leo Gregory Philip Frederick Wilhelm Peter Alexander Ivan Ferdinand Gustav Christian Albert "
    "Leopold Baudouin Juan Otto Ramses Ptolemy Darius Xerxes Urban Clement Innocent Boniface Haakon Harald Olav Rama"
)
_NUMBERED = word_set(
    "Chapter Part War Volume Book Act Scene Section Phase Type Level Bowl Article Appendix Class Stage Mark Title "
    "Rocky Fantasy Unit Figure Table Episode Season Round Tier Grade Pope Wars"
)


def abbreviation(here: Here) -> Spoken | None:
    """Mr., Dr., St., No., e.g. and the like."""
    word = here.core.rstrip(".").lower()
    has_stop = here.core.endswith(".") or here.trailing.startswith(".")
    if word in ("dr", "st") and (has_stop or here.after[:1].isupper()):
        return _doctor_or_drive(here, word)
    if word in ("no", "nos") and has_stop and here.after[:1].isdecimal():
        return ("number",) if word == "no" else ("numbers",)
    if word == "p" and has_stop and here.after[:1].isdecimal():
        return ("page",)
    if word not in _ABBREVIATIONS or not (has_stop or word in _ALSO_WITHOUT_STOP):
        return None
    if word in _ORDINARY_WORDS and not (
        here.after[:1].isupper() or here.after[:1].isdecimal() or here.core[0].isupper()
    ):
        return None
    return tuple(_ABBREVIATIONS[word].split())


def keeps_stop(core: str, following: str) -> bool:
    """Say whether the full stop behind `core` is part of it: an abbreviation or an initialism, before a word."""
    word = core.lower()
    if word in _ABBREVIATIONS or word in ("dr", "st") or re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]|[A-Z]", core):
        return bool(following)
    return word in (
        "no",
        "nos",
        "p",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
    ) and (following[:1].isdecimal())


def initialism(here: Here) -> Spoken | None:
    """FBI, U.S., PhD, CDs: letter by letter, but NATO and SHOUTED words as words."""
    if _DOTTED.fullmatch(here.core):
        return tuple(here.core.replace(".", "").upper())
    if here.core in _SPELLED:
        return _spelled_alone(here)
    if found := _PLURAL_CAPITALS.fullmatch(here.core):
        letters = found[1]
        return (*letters[:-1], f"{letters[-1]}'s") if letters not in _AS_WORDS else None
    if not _CAPITALS.fullmatch(here.core) or here.core in _AS_WORDS or here.core in _SOUNDS:
        return None
    return tuple(here.core) if not set(here.core) & set("AEIOUY") else None


def letters_and_digits(here: Here) -> Spoken | None:
    """B2B, COVID-19, MP3, abc123."""
    if not _MIXED.fullmatch(here.core):
        return None
    spoken: list[str] = []
    for chunk in _CHUNK.findall(here.core):
        if chunk.isdecimal():
            spoken += number(chunk) if len(chunk) <= 2 else digits(chunk)
        elif chunk.isupper() and chunk not in _AS_WORDS and len(chunk) <= 5:
            spoken += chunk
        else:
            spoken.append(chunk)
    return tuple(spoken)


def roman_numeral(here: Here) -> Spoken | None:
    """Henry VIII, World War II, Chapter IV."""
    value = _roman_value(here.core)
    if value is None or not here.before[:1].isupper():
        return None
    if here.before in _REIGNED and (here.core != "I" or not here.after):
        return ("the", *ordinal(str(value)))
    if here.before in _NUMBERED:
        return cardinal(str(value))
    is_name = here.before.isalpha() and here.before[1:].islower() and len(here.before) > 3 and len(here.core) > 1
    return cardinal(str(value)) if is_name else None


def _doctor_or_drive(here: Here, word: str) -> Spoken:
    is_before_name = here.after[:1].isupper()
    is_behind_name = here.before[:1].isupper() or here.before[:1].isdecimal()
    if word == "dr":
        return ("Drive",) if is_behind_name and not is_before_name else ("Doctor",)
    return ("Saint",) if is_before_name and not is_behind_name else ("Street",)


def _spelled_alone(here: Here) -> Spoken | None:
    """Spell it, unless the words around it are in capitals too: "IT IS US" is shouting."""
    is_shouted = any(len(word) > 2 and word.isupper() and word not in _SPELLED for word in (here.before, here.after))
    return None if is_shouted and len(here.core) <= 2 else tuple(here.core)


def _roman_value(text: str) -> int | None:
    if not text or not _ROMAN.fullmatch(text):
        return None
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(-value if value < max(values[index:]) else value for index, value in enumerate(values))
