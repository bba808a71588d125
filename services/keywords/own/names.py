"""Which words may be enrolled, in which models, and what they are stored as."""

import hashlib
import re
import unicodedata

from services.keywords.engine import SILENCE, UNKNOWN
from shared.store.names import is_name

LONGEST_KEYWORD = 64
_BESIDE_LETTERS = frozenset(" '-_")
_CATEGORIES = ("L", "M", "N")
_DIGEST_DIGITS = 32


def keyword_of(given: str) -> str:
    """Return a word, or a short phrase, as it is kept and answered: composed, in small letters, one space at a time.

    Raises ValueError for what could not be told from others in a list, or is no word.
    """
    keyword = re.sub(r"\s+", " ", unicodedata.normalize("NFC", given)).strip().lower()
    if not 0 < len(keyword) <= LONGEST_KEYWORD:
        raise ValueError(f"a keyword has 1 to {LONGEST_KEYWORD} characters")
    if not all(one in _BESIDE_LETTERS or unicodedata.category(one)[0] in _CATEGORIES for one in keyword):
        raise ValueError("a keyword holds only letters, digits, spaces, apostrophes, '-' and '_'")
    if not any(one.isalnum() for one in keyword) or keyword in (UNKNOWN, SILENCE):
        raise ValueError(f"a keyword holds a letter or digit, and is neither '{UNKNOWN}' nor '{SILENCE}'")
    return keyword


def model_name_of(given: str) -> str:
    """Return a name that a model may have. Raises ValueError."""
    if not is_name(given):
        raise ValueError("a model cannot have that name")
    return given


def digest_of(keyword: str) -> str:
    """Return a name that is safe as a part of a key, whatever the language of the word."""
    return hashlib.sha256(keyword.encode()).hexdigest()[:_DIGEST_DIGITS]
