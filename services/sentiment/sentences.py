"""Texts cut into sentences, with each sentence's place."""

from collections.abc import Sequence
from typing import NamedTuple

from shared.text.sentences import split_sentences


class Sentence(NamedTuple):
    """A sentence as written; `start` and `end` count characters (Unicode code points) of its text."""

    text: str
    start: int
    end: int


def sentences_of(texts: Sequence[str]) -> list[list[Sentence]]:
    """Return the sentences of each text, in order; a text of white space has none."""
    return [[Sentence(text[start:end], start, end) for start, end in split_sentences(text)] for text in texts]
