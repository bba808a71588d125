"""Polly as boto3 calls it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.compat.conftest import Client

PLS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<lexicon version="1.0" xmlns="http://www.w3.org/2005/01/pronunciation-lexicon" alphabet="{alphabet}" '
    'xml:lang="{language}">{lexemes}</lexicon>'
)
LEXEME = "<lexeme><grapheme>{}</grapheme><alias>{}</alias></lexeme>"


def pls(lexemes: str, language: str = "en-US", alphabet: str = "ipa") -> str:
    return PLS.format(lexemes=lexemes, language=language, alphabet=alphabet)


@pytest.fixture(scope="session")
def polly(aws: Client) -> Any:
    return aws("polly")


def marks_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in answer["AudioStream"].read().splitlines()]


def error_of(call: Callable[..., Any], **given: Any) -> tuple[str, int]:
    """Return an error's name and status."""
    with pytest.raises(ClientError) as refused:
        call(**given)
    response = refused.value.response
    assert response["Error"]["Message"]
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]
