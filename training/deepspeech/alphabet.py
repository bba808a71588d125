"""The letters that DeepSpeech 0.9's English models write: their labels, and the list as a model file carries it."""

import struct
from collections.abc import Sequence

LETTERS = " abcdefghijklmnopqrstuvwxyz'"
BLANK = len(LETTERS)
"""Label of the CTC's blank, the network's last output."""


def labels_of(text: str) -> list[int]:
    """Return a text's labels, in small letters. Raises ValueError for characters that the models do not write."""
    words = " ".join(text.casefold().split())
    if strange := sorted(set(words) - set(LETTERS)):
        raise ValueError(f"the text holds characters that the alphabet has not: {' '.join(strange)}")
    if not words:
        raise ValueError("the text is empty")
    return [LETTERS.index(letter) for letter in words]


def greedy_text(labels: Sequence[int]) -> str:
    """Return what the best label of each frame says together: repeats are one letter, blanks none."""
    changes = [label for label, before in zip(labels, [BLANK, *labels], strict=False) if label != before]
    return "".join(LETTERS[label] for label in changes if label != BLANK)


def serialised() -> bytes:
    """Return the alphabet as the model's `metadata_alphabet`: a count, then label, length and UTF-8 of each letter."""
    letters = [letter.encode() for letter in LETTERS]
    entries = [struct.pack("<HH", label, len(letter)) + letter for label, letter in enumerate(letters)]
    return struct.pack("<H", len(letters)) + b"".join(entries)
