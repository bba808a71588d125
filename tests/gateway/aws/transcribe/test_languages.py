"""Which model writes down what, and how languages are called."""

import pytest

from gateway.aws.transcribe.languages import languages_in, model_for
from gateway.transcription import Opened
from gateway.transcripts.amazon_languages import code_of
from shared.problems import InvalidInput

ENGLISH = Opened(model="pocketsphinx/5", languages=["en"])
SEVERAL = Opened(model="whisper-small/1", languages=["en", "de", "fr"], detects_language=True)
ANY = Opened(model="any/1", languages=[], detects_language=True)


@pytest.mark.parametrize(
    ("models", "name", "code", "options", "chosen"),
    [
        ([ENGLISH, SEVERAL], None, "en-AU", [], "pocketsphinx"),
        ([ENGLISH, SEVERAL], None, "de-CH", [], "whisper-small"),
        ([ENGLISH, SEVERAL], None, None, [], "whisper-small"),
        ([ENGLISH, SEVERAL], None, None, ["zh-CN", "fr-CA"], "whisper-small"),
        ([ENGLISH, SEVERAL, ANY], None, None, ["zh-CN"], "any"),
        ([ENGLISH, SEVERAL], "whisper-small", "en-US", [], "whisper-small"),
        ([], "whisper-small", "de-DE", [], "whisper-small"),
        ([], None, "de-DE", [], None),
    ],
)
def test_the_first_that_can(
    models: list[Opened], name: str | None, code: str | None, options: list[str], chosen: str | None
) -> None:
    assert model_for(models, name, code, options) == chosen


@pytest.mark.parametrize(
    ("models", "name", "code", "options"),
    [
        ([ENGLISH], None, "de-DE", []),
        ([ENGLISH], None, None, []),
        ([SEVERAL], None, None, ["zh-CN"]),
        ([ENGLISH, SEVERAL], "pocketsphinx", "de-DE", []),
        ([ENGLISH], "other", "en-US", []),
    ],
)
def test_none_that_can(models: list[Opened], name: str | None, code: str | None, options: list[str]) -> None:
    with pytest.raises(InvalidInput):
        model_for(models, name, code, options)


def test_what_is_spoken_is_told_in_one_way() -> None:
    assert languages_in({"LanguageCode": "en-US"}) == ("en-US", [])
    assert languages_in({"IdentifyLanguage": True, "LanguageOptions": ["en-US"]}) == (None, ["en-US"])
    for wrong in ({}, {"LanguageCode": "en-US", "IdentifyLanguage": True}, {"LanguageCode": "EN"}):
        with pytest.raises(InvalidInput):
            languages_in(wrong)


@pytest.mark.parametrize(
    ("language", "options", "code"),
    [("en", ["en-GB", "en-US"], "en-GB"), ("en", ["de-DE"], "en-US"), ("pt", [], "pt-BR"), ("cy", [], "cy")],
)
def test_what_was_found_out_is_called_as_one_of_the_options(language: str, options: list[str], code: str) -> None:
    assert code_of(language, options) == code
