"""The one door for all kinds of text."""

import pytest

from shared.problems import InvalidInput, TooLarge
from shared.text.parse import TextType, parse_text
from tests.growth import is_linear

KINDS: list[TextType] = ["text", "tagged", "ssml"]


@pytest.mark.parametrize(
    ("text", "kind", "emotion"),
    [("[sad]x[/sad]", "text", None), ("[sad]x[/sad]", "tagged", "sad"), ("<speak>[sad]x</speak>", "ssml", None)],
)
def test_each_kind_has_its_markup(text: str, kind: TextType, emotion: str | None) -> None:
    (sentence,) = parse_text(text, kind).sentences
    assert sentence.parts[0].style.emotion == emotion


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["a\0", "\ud83d", "a\udfff"])
def test_broken_characters_are_refused_with_their_place(kind: TextType, text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_text(text, kind)
    assert caught.value.extensions["position"] == len(text) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_a_megabyte_is_too_large(kind: TextType) -> None:
    with pytest.raises(TooLarge) as caught:
        parse_text("é" * 500_001, kind)
    assert caught.value.extensions["limit"] == 1_000_000


@pytest.mark.parametrize("kind", KINDS)
def test_time_and_sentences_grow_with_the_text_only(kind: TextType) -> None:
    assert is_linear(lambda length: parse_sentences(kind, length), 60_000)


def parse_sentences(kind: TextType, length: int) -> None:
    body = "Hello Mr. Smith, how are you & yours? I paid €3.50 [1].\n" * (length // 60)
    text = f"<speak>{body.replace('&', '&amp;')}</speak>" if kind == "ssml" else body
    assert len(parse_text(text, kind).sentences) == 2 * (length // 60)
