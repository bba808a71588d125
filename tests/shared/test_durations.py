"""How long recordings are about, by their beginning; of one that is known whole, how long it is."""

import pytest

from shared.audio import encode
from shared.durations import HEAD_BYTES, estimated_seconds
from tests.sounds import buzz, files_of

SECONDS = 20.0
FILES = files_of(buzz(220, SECONDS))
EXACT = {"wav", "flac", "mp3"}
"""What says so where it begins; written in one go, m4a says it at its end."""


@pytest.mark.parametrize("kind", FILES)
def test_a_duration_is_near_enough(kind: str) -> None:
    content = FILES[kind]
    estimate = estimated_seconds(content[:HEAD_BYTES], len(content))
    if kind in EXACT:
        assert estimate == pytest.approx(SECONDS, rel=0.05)
    assert SECONDS / 6 < estimate < SECONDS * 6


@pytest.mark.parametrize(
    "content", [b"", b"RIFF", b"RIFF\x24\0\0\0WAVEfmt ", b"fLaC", b"\0\0\0\x18ftypmvhd", b"OggS", b"hello", bytes(100)]
)
def test_what_is_cut_short_or_no_sound_has_a_duration_too(content: bytes) -> None:
    assert 0 <= estimated_seconds(content, len(content)) < 1


@pytest.mark.parametrize("kind", ["mp3", "opus", "ogg_vorbis", "wav", "flac"])
def test_of_a_clip_that_is_known_whole_it_is_exact(kind: str) -> None:
    content = encode(buzz(220, 3.0), kind)
    assert estimated_seconds(content, len(content)) == pytest.approx(3.0, abs=0.08)
