"""Refuses texts that are clearly not English, and no others: when in doubt the text is taken."""

import re
import unicodedata

from services.sentiment.identifier import Identifier
from shared.problems import UnsupportedLanguage

EXAMINED_CHARACTERS = 2_000
"""How much of a text is looked at: a longer one does not change language often enough to pay for more."""
ENGLISH = frozenset({"en", "pcm", "zxx"})
"""English, Nigerian Pidgin (as which slang is often taken), and no language at all."""
SURE = 0.5
UNLIKELY = 0.05
LEAST_LETTERS = 12
"""A Latin text of fewer letters may be a name or a cry, and is never refused."""

_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile("[A-Za-zªºÀ-ÖØ-öø-ʸḀ-ỿ]")


class LanguageCheck:
    """An identifier of languages, used for one question. Thread-safe."""

    def __init__(self, identifier: Identifier) -> None:
        self._identifier = identifier

    def require_english(self, text: str, param: str) -> None:
        """Raise UnsupportedLanguage, naming `param`, when `text` is clearly in another language."""
        other = self.other_language(text)
        if other:
            raise UnsupportedLanguage(
                f"{param} is not in English (it looks like {other!r}). Only English is served; "
                'if this is a mistake, send "language": "en".',
                param=param,
                language=other,
            )

    def other_language(self, text: str) -> str | None:
        """Return the ISO 639 code of the other language that `text` is in ("und": unknown), or None."""
        examined = unicodedata.normalize("NFKC", text[:EXAMINED_CHARACTERS])
        letters, latin = len(_LETTER.findall(examined)), len(_LATIN.findall(examined))
        scores = self._identifier.scores(examined)
        best = max(scores, key=lambda code: scores[code])
        if letters - latin > max(1, latin):
            return best if best not in ENGLISH else "und"
        english = sum(scores.get(code, 0.0) for code in ENGLISH)
        is_other = letters >= LEAST_LETTERS and scores[best] >= SURE and english < UNLIKELY
        return best if is_other and best not in ENGLISH else None


def require_served(language: str) -> None:
    """Raise UnsupportedLanguage unless `language` (a BCP 47 tag) is English."""
    if language.split("-")[0].lower() != "en":
        raise UnsupportedLanguage(f"language {language!r} is not served; only English is.", param="language")
