"""One text, measured: the words that are spoken for it, and the characters that nothing is spoken for."""

import re
import unicodedata
from dataclasses import dataclass

from services.tts.front_end import tokens_of
from services.tts.normalise import Token
from shared.problems import Problem

_SIGNS = frozenset({"So", "Sk", "Cf", "Co", "Cn", "Cc", "Cs"})
_ENGLISH = re.compile(r"[a-z0-9' .&+-]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TextMeasures:
    """What is spoken for a text."""

    spoken: str
    """Words in small letters, as the voice will be asked to speak them; empty where there are none."""
    uncovered: str = ""
    """Characters that no sound comes of, each once."""
    trouble: str = ""
    """Why it cannot be read out."""

    @property
    def characters(self) -> int:
        """How many letters are spoken."""
        return sum(map(str.isalnum, self.spoken))


def measured_text(text: str, language: str) -> TextMeasures:
    """Read a text as the service will, and see what of it is lost."""
    try:
        tokens = tokens_of(text, language)
        lost = {character for token in tokens for character in _lost(token, language)}
    except Problem as problem:
        return TextMeasures("", trouble=problem.detail)
    spoken = " ".join(word for token in tokens for word in token.spoken).lower()
    return TextMeasures(spoken if any(map(str.isalnum, spoken)) else "", "".join(sorted(lost)))


def _lost(token: Token, language: str) -> set[str]:
    """Return signs without which the token would sound the same, and letters that English does not know."""
    signs = {character for character in token.text if unicodedata.category(character) in _SIGNS}
    lost = {sign for sign in signs if _spoken(token.text.replace(sign, ""), language) == token.spoken}
    if language.partition("-")[0].lower() == "en":
        lost |= {character for word in token.spoken for character in word if not _is_english(character)}
    return lost


def _spoken(text: str, language: str) -> tuple[str, ...]:
    return tuple(word for token in tokens_of(text, language) for word in token.spoken)


def _is_english(character: str) -> bool:
    """Say whether it is a letter of English, whatever accent it has."""
    base = unicodedata.normalize("NFKD", character.replace("’", "'"))[0]
    return bool(_ENGLISH.match(base)) or unicodedata.combining(character) > 0
