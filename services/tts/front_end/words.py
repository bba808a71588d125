"""Written text into the words of one utterance, normalised as the service does."""

from dataclasses import replace

from services.tts.normalise import Token, normalise
from services.tts.speech import SpokenWord
from shared.text.document import Run


def tokens_of(text: str, language: str) -> list[Token]:
    """Return what the service makes of plain text. Raises TooLarge for a number too long to be spoken."""
    return list(normalise(Run(text, tuple(range(len(text) + 1))), language))


def spoken_words(text: str, language: str) -> tuple[SpokenWord, ...]:
    """Return the words of plain text without markup. Raises TooLarge for a number too long to be spoken."""
    words: list[SpokenWord] = []
    for token in tokens_of(text, language):
        if token.spoken:
            words.append(spoken_word(token))
        elif words:
            words[-1] = with_trailing(words[-1], token)
    return tuple(words)


def spoken_word(token: Token, ipa: str | None = None) -> SpokenWord:
    """Return what is spoken for a token."""
    return SpokenWord(" ".join(token.spoken), ipa, token.trailing)


def with_trailing(word: SpokenWord, token: Token) -> SpokenWord:
    """Give punctuation that stands alone, as after a closing tag, to the word before it."""
    return replace(word, after=word.after + token.trailing)
