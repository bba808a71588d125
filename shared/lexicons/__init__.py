"""Lexicons of a caller's own: how words are to be spoken, told in PLS 1.0, kept per API key, and heard in speech."""

from shared.lexicons.applying import Pronunciations
from shared.lexicons.kept import KeptLexicon, Lexicons
from shared.lexicons.lexicon import LEXICON_NAME, MOST_LEXICONS, MOST_LEXICONS_OF_A_KEY, Lexicon, Pronunciation
from shared.lexicons.pls import parse_pls

__all__ = [
    "LEXICON_NAME",
    "MOST_LEXICONS",
    "MOST_LEXICONS_OF_A_KEY",
    "KeptLexicon",
    "Lexicon",
    "Lexicons",
    "Pronunciation",
    "Pronunciations",
    "parse_pls",
]
