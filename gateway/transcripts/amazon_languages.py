"""Languages as Amazon Transcribe names them: with a region, where our models know only the language."""

from collections.abc import Sequence

_USUAL = {"en": "en-US", "es": "es-US", "fr": "fr-FR", "de": "de-DE", "pt": "pt-BR", "ar": "ar-SA", "zh": "zh-CN"}
"""Those of the languages with several regions that Amazon names first."""
_NAMED_OTHERWISE = {"no": "nb", "tl": "fil", "yue": "zh"}


def language_of(code: str) -> str:
    """Return the ISO 639 code of "en-US"."""
    return code.partition("-")[0].lower()


def code_of(language: str, options: Sequence[str]) -> str:
    """Return how Amazon names a language: as one of the options that are for it, or in its usual region.

    Raises nothing: a language that Amazon does not know has no better name than its own code.
    """
    of_it = [option for option in options if language_of(option) == language]
    return next(iter(of_it), _USUAL.get(language, language))
