"""What is spoken, as jobs tell it, and which of the open models writes it down."""

import re
from collections.abc import Sequence
from typing import Any

from gateway.transcription import Opened
from gateway.transcripts.amazon_languages import language_of
from shared.problems import InvalidInput

_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def require_language(code: str) -> str:
    """Return the code of a language. Raises InvalidInput for what is none."""
    if not _CODE.fullmatch(code):
        raise InvalidInput("LanguageCode must be a language with its region, such as en-US.", param="LanguageCode")
    return code


def languages_in(given: dict[str, Any]) -> tuple[str | None, Sequence[str]]:
    """Return the code that is told, or what it may be where it is to be found out. Raises InvalidInput."""
    code, options = given.get("LanguageCode"), given.get("LanguageOptions", [])
    if (code is None) == (not given.get("IdentifyLanguage")):
        raise InvalidInput("Give either LanguageCode or IdentifyLanguage.", param="LanguageCode")
    if options and code:
        raise InvalidInput("LanguageOptions go with IdentifyLanguage.", param="LanguageOptions")
    for one in [*([code] if code else []), *options]:
        require_language(one)
    return code, options


def model_for(models: Sequence[Opened], name: str | None, code: str | None, options: Sequence[str]) -> str | None:
    """Return the model for a job, by name: the one that is named, or the first of the open ones that can.

    Where none is known to be open, just now, it is left to the service. Raises InvalidInput where none can.
    """
    if not models:
        return name
    named = [model for model in models if name in (None, model.name)]
    if not named:
        raise InvalidInput(f"There is no model of that name; there are: {_names(models)}.", param="ModelSettings")
    able = [model for model in named if _can(model, code, options)]
    if not able:
        raise InvalidInput(_unable(named, code), param="LanguageCode" if code else "IdentifyLanguage")
    return able[0].name


def _can(model: Opened, code: str | None, options: Sequence[str]) -> bool:
    if code:
        return model.knows(language_of(code))
    return model.detects_language and (not options or any(model.knows(language_of(one)) for one in options))


def _unable(models: Sequence[Opened], code: str | None) -> str:
    if not code:
        return f"None of the open models ({_names(models)}) finds out which of these languages is spoken; name it."
    known = sorted({language for model in models for language in model.languages})
    return f"None of the open models ({_names(models)}) knows that language; they know {', '.join(known)}."


def _names(models: Sequence[Opened]) -> str:
    return ", ".join(model.name for model in models)
