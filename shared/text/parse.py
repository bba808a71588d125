"""One door for all kinds of text: plain, tagged and SSML."""

from typing import Literal

from shared.text.document import Document
from shared.text.limits import Limits
from shared.text.ssml import parse_ssml
from shared.text.tags import parse_plain, parse_tagged

TextType = Literal["text", "tagged", "ssml"]

_PARSERS = {"text": parse_plain, "tagged": parse_tagged, "ssml": parse_ssml}


def parse_text(text: str, text_type: TextType, limits: Limits | None = None, language: str = "en") -> Document:
    """Return the document that `text` is.

    Raises InvalidInput for empty text, NUL and lone surrogates, InvalidMarkup for SSML or tags that are malformed
    or not supported, TooLarge for more than `limits` allow. Other control characters are dropped.
    """
    return _PARSERS[text_type](text, limits or Limits(), language)
