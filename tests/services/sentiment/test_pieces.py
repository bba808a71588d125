"""Pieces hold every text once, are of like lengths, and share the work out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sentiment.pieces import LONGEST_PIECE_CHARACTERS, pieces_of


@given(st.lists(st.integers(1, 500), max_size=300), st.integers(1, 8))
def test_every_text_is_in_one_piece_and_pieces_are_sorted(lengths: list[int], slots: int) -> None:
    texts = ["x" * length for length in lengths]
    pieces = pieces_of(texts, slots)
    assert sorted(number for piece in pieces for number in piece) == list(range(len(texts)))
    assert all(pieces)
    in_order = [lengths[number] for piece in pieces for number in piece]
    assert in_order == sorted(lengths)
    for piece in pieces:
        assert sum(lengths[number] for number in piece) <= LONGEST_PIECE_CHARACTERS + 500


@pytest.mark.parametrize(("sentences", "slots", "pieces"), [(1, 4, 1), (2, 2, 1), (32, 2, 4), (32, 1, 3), (32, 4, 4)])
def test_number_of_pieces(sentences: int, slots: int, pieces: int) -> None:
    assert (
        len(pieces_of(["A usual sentence is of about seventy characters, and this one is, too."] * sentences, slots))
        == pieces
    )
