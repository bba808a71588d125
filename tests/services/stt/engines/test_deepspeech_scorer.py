"""A scorer that Mozilla's own code wrote tells its words and weights; damaged ones and those of bytes are refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.stt.engines.deepspeech_scorer import read_scorer
from shared.problems import ModelCorrupt
from tests.services.stt.engines.deepspeech_model import ALPHABET, SCORER, SENTENCE

_HEAD = b"EIRT\x06\0\0\0\0"


def test_words_and_weights() -> None:
    scorer = read_scorer(SCORER, ALPHABET)
    assert sorted(scorer.words) == sorted([*SENTENCE.split(), "the", "cat", "sat"])
    assert (scorer.alpha, scorer.beta) == (pytest.approx(0.75), pytest.approx(1.85))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda data: data.replace(_HEAD, _HEAD[:-1] + b"\1"), "bytes of UTF-8"),
        (lambda data: data.replace(_HEAD, b"EIRT\5\0\0\0\0"), "not of DeepSpeech 0.9"),
        (lambda data: data.replace(b"const", b"vecto"), "cannot be read"),
        (lambda data: data[:-8], "cannot be read"),
        (lambda data: data[:100], "cannot be read"),
        (lambda data: b"", "cannot be read"),
    ],
)
def test_other_files(tmp_path: Path, change: Callable[[bytes], bytes], why: str) -> None:
    changed = change(SCORER.read_bytes())
    assert changed != SCORER.read_bytes()
    (tmp_path / "model.scorer").write_bytes(changed)
    with pytest.raises(ModelCorrupt, match=why):
        read_scorer(tmp_path / "model.scorer", ALPHABET)


def test_an_alphabet_of_fewer_letters() -> None:
    with pytest.raises(ModelCorrupt):
        read_scorer(SCORER, ALPHABET[:10])


def test_words_without_end(tmp_path: Path) -> None:
    """An automaton whose last arc leads back to its first state."""
    data = SCORER.read_bytes()
    arcs = bytearray(data)
    for at in range(len(data) - 42 * 16, len(data), 16):
        if arcs[at] != 1:  # every letter leads back, no space does
            arcs[at + 12 : at + 16] = b"\0\0\0\0"
    (tmp_path / "model.scorer").write_bytes(arcs)
    with pytest.raises(ModelCorrupt):
        read_scorer(tmp_path / "model.scorer", ALPHABET)
