"""Names that come from outside, and ids that do not."""

import re
import time

import pytest

from gateway.files.names import new_id, only_name, time_of
from gateway.files.schemas import FILE_ID


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("speech.wav", "speech.wav"),
        ("Grüße von 日本語 👩‍👩‍👧.wav", "Grüße von 日本語 👩‍👩‍👧.wav"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\voice.mp3", "voice.mp3"),
        ("a/b\\c/d.wav", "d.wav"),
        ("a\r\nX-Header: b\0\x7f\x85\u2028.wav", "aX-Header: b.wav"),
        ("\ud800lone\udfff.wav", "lone.wav"),
        ("  spaced.wav ", "spaced.wav"),
        ("folder/", "file"),
        ("..", "file"),
        ("\n", "file"),
        ("", "file"),
        (None, "file"),
    ],
)
def test_only_the_name_is_kept(given: str | None, kept: str) -> None:
    assert only_name(given) == kept


@pytest.mark.parametrize("letter", ["a", "ü", "語", "👍"])
def test_names_are_cut_between_letters(letter: str) -> None:
    kept = only_name(letter * 1000)
    assert set(kept) == {letter}
    assert 255 - len(letter.encode()) < len(kept.encode()) <= 255


def test_ids_sort_by_time() -> None:
    now = time.time_ns() // 1_000_000
    moments = [0, 1, now, now + 1, 2**48 - 1]
    ids = [new_id(moment) for moment in moments]
    assert ids == sorted(ids)
    assert [time_of(one) for one in ids] == moments
    assert all(re.fullmatch(FILE_ID, one) for one in ids)


def test_no_id_is_made_twice() -> None:
    assert len({new_id(1) for _ in range(10_000)}) == 10_000
