"""How long recordings are about, and how they are shared out."""

import pytest

from jobs.transcribe.durations import HEAD_BYTES, estimated_seconds
from jobs.transcribe.plan import Estimate, shared_out
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


def test_shares_are_of_about_the_same_length() -> None:
    recordings = [Estimate(str(number), float(number % 37)) for number in range(500)]
    shares = shared_out(recordings, 20)
    assert sorted(key for share in shares for key in share.keys) == sorted(each.key for each in recordings)
    lengths = [share.sound_seconds for share in shares]
    assert max(lengths) < 1.05 * min(lengths)


def test_a_long_one_is_alone() -> None:
    recordings = [Estimate("long", 7200.0), *(Estimate(str(number), 60.0) for number in range(30))]
    assert ["long"] in [share.keys for share in shared_out(recordings, 4)]


@pytest.mark.parametrize(("recordings", "children", "shares"), [(0, 5, 0), (1, 5, 1), (5, 1, 1), (5, 20, 5)])
def test_no_share_is_empty(recordings: int, children: int, shares: int) -> None:
    found = shared_out([Estimate(str(number), 0.0) for number in range(recordings)], children)
    assert len(found) == shares
    assert all(share.keys for share in found)
