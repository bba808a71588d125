"""What of a text may reach espeak-ng."""

import unicodedata
from typing import Final

PUNCTUATION: Final = frozenset(".,;:!?…—–。、！？؟،؛।")
_MARKUP = str.maketrans(dict.fromkeys("[]<>{}|^~`\\", " "))


def plain(text: str) -> str:
    """Leave nothing that espeak-ng could take for markup, phonemes or a command (control characters)."""
    kept = (c if unicodedata.category(c) not in ("Cc", "Cs", "Cn", "Co") else " " for c in text.translate(_MARKUP))
    return " ".join("".join(kept).split())


def punctuation(after: str) -> str:
    """Return the marks that espeak-ng phrases by."""
    return "".join(mark for mark in after if mark in PUNCTUATION)
