"""Lines come out of chunks whole, however they are cut, and in bounded memory."""

import tracemalloc
from collections import Counter

import pytest

from training.speaker.data.lines import MOST_LINE_BYTES, lines


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_chunks_may_be_cut_anywhere(size: int) -> None:
    text = "\ufeffpäth\tage\r\n🎉\t\n\nlast"
    whole = text.encode()
    chunks = [whole[start : start + size] for start in range(0, len(whole), size)]
    assert list(lines(chunks, Counter())) == ["päth\tage\n", "🎉\t\n", "\n", "last\n"]


def test_what_is_no_utf_8_or_too_long_is_left_out_and_counted() -> None:
    left_out: Counter[str] = Counter()
    longest = b"x" * MOST_LINE_BYTES
    chunks = [b"a\n\xff\xfe\n", longest + b"\n" + longest, b"x\nb\n"]
    assert list(lines(chunks, left_out)) == ["a\n", longest.decode() + "\n", "b\n"]
    assert left_out == {"line is not UTF-8": 1, f"line has more than {MOST_LINE_BYTES} bytes": 1}


def test_a_line_without_end_fills_no_memory() -> None:
    chunk = bytes(1 << 20)
    tracemalloc.start()
    try:
        assert list(lines((chunk for _ in range(64)), Counter())) == []
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
