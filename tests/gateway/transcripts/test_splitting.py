"""Words and the marks behind them."""

import pytest

from gateway.transcripts.splitting import split
from gateway.transcripts.transcript import Item


@pytest.mark.parametrize(
    ("told", "parts"),
    [
        ("Hello,", ["Hello", ","]),
        ("what?!", ["what", "?", "!"]),
        ("so...", ["so", ".", ".", "."]),
        ("don't", ["don't"]),
        ("3.50", ["3.50"]),
        ("3.50.", ["3.50", "."]),
        ("U.S.", ["U.S."]),
        ("end.", ["end", "."]),
        ("-", ["-"]),
        ("...", [".", ".", "."]),
        ("你好。", ["你好", "。"]),
        ("", []),
    ],
)
def test_marks_behind_a_word_are_items_of_their_own(told: str, parts: list[str]) -> None:
    items = list(split([Item(told, 1.0, 2.0, 0.5)]))
    assert [item.text for item in items] == parts
    assert all(item.is_word == (item.text not in ",.?!。") for item in items)
    words = [(item.start_seconds, item.end_seconds, item.probability) for item in items if item.is_word]
    assert words in ([], [(1.0, 2.0, 0.5)])
