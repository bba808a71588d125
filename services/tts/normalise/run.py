"""Normalise one run: its words, or what its markup says is to be spoken in their place."""

from dataclasses import replace

from services.tts.normalise.english import english_tokens
from services.tts.normalise.say_as import say_as
from services.tts.normalise.tokens import Spoken, Token, Written, written_words
from shared.text.document import Run


def normalise(run: Run, language: str) -> list[Token]:
    """Return a token for every word of the run that white space parts, with the words to speak for it.

    Only English is normalised; words of other languages are spoken as they are written, for engines that know them.
    A run with say_as, alias or ipa is one token; for ipa the words are what an engine says that cannot speak sounds.
    The words spoken grow no faster than the text: numbers over 15 digits are read digit by digit.
    """
    spoken_as_one = _spoken_as_one(run, language)
    if spoken_as_one is None:
        return _tokens(written_words(run), language)
    words = written_words(run)
    if not words:
        return []
    first, last = words[0], words[-1]
    start, end = len(run.text) - len(run.text.lstrip()), len(run.text.rstrip())
    text = run.text[start + len(first.leading) : end - len(last.trailing)]
    return [Token(text, first.start, last.end, spoken_as_one, first.leading, last.trailing)]


def _tokens(words: list[Written], language: str) -> list[Token]:
    if language.partition("-")[0].lower() == "en":
        return english_tokens(words, language)
    return [word.token((word.core,) if word.core else ()) for word in words]


def _spoken_as_one(run: Run, language: str) -> Spoken | None:
    """Return what is spoken for the whole run, or None if its words are read one by one."""
    if run.alias is not None:
        plain = Run(run.alias, tuple(range(len(run.alias) + 1)))
        return tuple(word for token in normalise(plain, language) for word in token.spoken)
    if run.ipa is not None:
        return tuple(word for token in normalise(replace(run, ipa=None), language) for word in token.spoken)
    if run.say_as is None:
        return None
    return say_as(run.text, run.say_as, language) if language.partition("-")[0].lower() == "en" else None
