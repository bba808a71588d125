"""The symbols that a voice trained here knows: all that espeak-ng may say of any language.

One table for all voices, so that a voice can be learned on top of another, even of another language.
"""

import unicodedata
from collections.abc import Iterator

START, END, SPACE = "^", "$", " "
PUNCTUATION = "!\"'(),-.:;?…—–¿¡«»“”"
_LETTERS = ((0x61, 0x7A), (0xE6, 0xF8), (0x103, 0x1BF), (0x250, 0x2AF), (0x3B2, 0x3C7), (0x1D00, 0x1D7F))
"""Latin, what the IPA took of its extensions and of Greek, the IPA's own."""
_MARKS = ((0x2B0, 0x2FF), (0x300, 0x36F))
"""Stress, length and tone; combining marks."""


def symbols() -> dict[str, list[int]]:
    """Return each symbol's id, as a manifest has them; ids never change, so that old voices stay readable."""
    return {symbol: [id] for id, symbol in enumerate(dict.fromkeys(_all()))}


def _all() -> Iterator[str]:
    yield from (START, END, SPACE, *PUNCTUATION)
    for first, last in (*_LETTERS, *_MARKS):
        yield from (chr(code) for code in range(first, last + 1) if unicodedata.category(chr(code)) != "Cn")
