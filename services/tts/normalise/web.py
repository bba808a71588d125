"""Addresses, hashtags and lone symbols in English."""

import re

from services.tts.normalise.numbers import cardinal, digits, number
from services.tts.normalise.tokens import Here, Spoken

SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "hash", "/": "slash", "\\": "backslash",
    "$": "dollar", "€": "euro", "£": "pound", "<": "less than", ">": "greater than", "×": "times", "÷": "divided by",
    "±": "plus or minus", "≈": "about", "≤": "at most", "≥": "at least", "≠": "is not", "→": "to", "°": "degrees",
    "©": "copyright", "§": "section", "√": "square root", "∞": "infinity", "π": "pi", "µ": "micro", "№": "number",
}  # fmt: skip

PUNCTUATION = {
    ".": "dot", "-": "dash", "_": "underscore", ":": "colon", ";": "semicolon", ",": "comma", "?": "question mark",
    "!": "exclamation mark", "*": "star", "~": "tilde", "'": "apostrophe", '"': "quote", "(": "open bracket",
    ")": "close bracket", "[": "open bracket", "]": "close bracket", "|": "bar", "^": "caret", "`": "backtick",
}  # fmt: skip

_ALL_NAMES = SYMBOLS | PUNCTUATION
_SCHEME = re.compile(r"(?:https?|ftp)://(?:www\.)?|www\.", re.IGNORECASE)
_TOP_LEVELS = "com|org|net|io|ai|co|gov|edu|dev|app|uk|de|fr|eu|info|biz|me|tv|us|ca|au|nl|ch|es|it|jp|cn|in"
_DOMAIN = re.compile(rf"[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,4}}\.(?:{_TOP_LEVELS})(?:[/:?#]\S*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PIECE = re.compile(r"[^\W\d_]+|[0-9]+|.", re.DOTALL)
_HASHTAG = re.compile(r"#([^\W\d_]\w*)")
_HANDLE = re.compile(r"@([^\W\d_][\w.]*)")
_CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_NUMBER_SIGN = re.compile(r"#([0-9]{1,6})")
_VERSION = re.compile(r"(v(?:ersion)?)?([0-9]+(?:\.[0-9]+){1,5})(-?(?:alpha|beta|rc)[0-9]*)?", re.IGNORECASE)
_JOINED = re.compile(r"[^\W_]+(?:[&+/=@][^\W_]+)+")
_FIXED = {
    "C++": "C plus plus", "C#": "C sharp", "F#": "F sharp", "24/7": "twenty four seven", "9/11": "nine eleven",
    "WWI": "World War one", "WWII": "World War two", "w/": "with", "w/o": "without",
}  # fmt: skip


def fixed(here: Here) -> Spoken | None:
    """Names that no rule reads as people do: C++, 24/7."""
    return tuple(_FIXED[here.core].split()) if here.core in _FIXED else None


def address(here: Here) -> Spoken | None:
    """https://example.com/a, example.com, bob@example.com."""
    core = here.core
    if _EMAIL.fullmatch(core):
        return spelled_address(core)
    if found := _SCHEME.match(core):
        return spelled_address(core[found.end() :])
    return spelled_address(core) if _DOMAIN.fullmatch(core) else None


def spelled_address(text: str) -> Spoken:
    """Return an address with its signs named."""
    spoken: list[str] = []
    for piece in _PIECE.findall(text.rstrip("/")):
        if piece.isdecimal():
            spoken += digits(piece) if len(piece) > 2 or piece[0] == "0" else cardinal(piece)
        elif piece[0].isalpha():
            spoken.append(piece)
        else:
            spoken += _ALL_NAMES.get(piece, "").split()
    return tuple(spoken)


def social(here: Here) -> Spoken | None:
    """#BlackFriday, @bob, #5."""
    if found := _NUMBER_SIGN.fullmatch(here.core):
        return ("number", *cardinal(found[1]))
    if found := _HASHTAG.fullmatch(here.core):
        return ("hashtag", *_camel(found[1]))
    return ("at", *_camel(found[1])) if (found := _HANDLE.fullmatch(here.core)) else None


def version(here: Here) -> Spoken | None:
    """1.2.3, v2.0, 10.0.0.1."""
    found = _VERSION.fullmatch(here.core)
    if not found or (not found[1] and found[2].count(".") < 2):
        return None
    numbers = [word for part in found[2].split(".") for word in ("point", *cardinal(part))][1:]
    suffix = _PIECE.findall((found[3] or "").lstrip("-"))
    prefix = ("version",) if found[1] else ()
    return (
        *prefix,
        *numbers,
        *(word for piece in suffix for word in (cardinal(piece) if piece.isdecimal() else (piece,))),
    )


def symbol(here: Here) -> Spoken | None:
    """&, + and other signs, alone or between words: R&D, and/or."""
    if here.core in SYMBOLS:
        return tuple(SYMBOLS[here.core].split())
    if not _JOINED.fullmatch(here.core):
        return None
    spoken: list[str] = []
    for piece in re.split(r"([&+/=@])", here.core):
        if piece.isdecimal() and piece.isascii():
            spoken += number(piece)
        elif piece != "/":
            spoken += SYMBOLS.get(piece, piece).split()
    return tuple(spoken)


def character_names(text: str) -> Spoken:
    """Return every character of `text` on its own: letters as capitals, digits and signs by name."""
    spoken: list[str] = []
    for character in text:
        if character.isalpha():
            spoken.append(character.upper())
        elif character in "0123456789":
            spoken += digits(character)
        else:
            spoken += _ALL_NAMES.get(character, "").split()
    return tuple(spoken)


def _camel(text: str) -> Spoken:
    return tuple(word for piece in _CAMEL.findall(text) for word in (number(piece) if piece.isdecimal() else (piece,)))
