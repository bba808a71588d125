"""What a lexicon says. Its limits are Amazon Polly's."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

LEXICON_NAME: Final = "[0-9A-Za-z]{1,20}"
MOST_LEXICONS: Final = 5
"""Of one request."""
MOST_LEXICONS_OF_A_KEY: Final = 100
MOST_CHARACTERS: Final = 4_000
"""Of one lexicon."""
MOST_CHARACTERS_OF_A_WORD: Final = 100
"""Of what is written, and of what is spoken in its place."""

Alphabet = Literal["ipa", "x-sampa"]


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """What is spoken in place of a word: other words, or sounds in IPA."""

    alias: str | None = None
    ipa: str | None = None


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Pronunciations by the word as it is written, in one language (a BCP 47 tag)."""

    language: str
    alphabet: Alphabet
    words: Mapping[str, Pronunciation]
    lexemes: int
    """How many entries it has; one may hold several words, and of two for one word the first counts."""
