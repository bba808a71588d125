"""Text as labels and back, and the alphabet as the service reads it from a model."""

import pytest

from services.stt.engines.deepspeech_alphabet import read_alphabet
from shared.problems import ModelCorrupt
from training.deepspeech.alphabet import BLANK, LETTERS, greedy_text, labels_of, serialised


def test_labels_are_the_letters_in_small() -> None:
    labels = labels_of("  It's A\nyear ")
    assert "".join(LETTERS[label] for label in labels) == "it's a year"


@pytest.mark.parametrize("text", ["", "  ", "1 year", "naïve", "wait…"])
def test_texts_that_cannot_be_written(text: str) -> None:
    with pytest.raises(ValueError, match="text"):
        labels_of(text)


def test_repeats_are_one_letter_and_blanks_none() -> None:
    assert greedy_text([BLANK, 1, 1, BLANK, 1, 12, 12, 0, BLANK]) == "aal "


def test_the_service_reads_what_is_exported() -> None:
    assert read_alphabet(serialised()) == list(LETTERS)


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: b"", lambda data: b"\x02" + data[1:4]])
def test_damaged_alphabets(change) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ModelCorrupt):
        read_alphabet(change(serialised()))


def test_an_alphabet_without_a_space() -> None:
    with pytest.raises(ModelCorrupt, match="space"):
        read_alphabet(serialised().replace(b" ", b"_"))
