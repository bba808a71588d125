"""Recordings in pieces."""

import numpy as np
import pytest

from gateway.jobs.recording_pieces import pieces
from shared.audio import AudioLimits, Sound, decode, encode
from shared.problems import UnsupportedMedia

RATE_HZ = 16_000


def noise(seconds: float, *pauses: float) -> Sound:
    """Return noise with pauses of half a second at these seconds."""
    samples = np.random.default_rng(1).uniform(-0.3, 0.3, round(seconds * RATE_HZ)).astype(np.float32)
    for pause in pauses:
        samples[round(pause * RATE_HZ) : round((pause + 0.5) * RATE_HZ)] = 0
    return Sound(samples, RATE_HZ)


def test_they_are_cut_in_pauses_and_nothing_is_lost() -> None:
    sound = noise(100, 35, 62, 80)
    made = list(pieces(encode(sound, "wav"), 40))
    assert [piece.start_seconds for piece in made] == [
        pytest.approx(0),
        *(pytest.approx(p + 0.25, abs=0.2) for p in (35, 62)),
    ]
    parts = [decode(piece.content, AudioLimits()).samples for piece in made]
    assert max(map(len, parts)) <= 40 * RATE_HZ
    np.testing.assert_allclose(np.concatenate(parts), sound.samples, atol=1e-3)


def test_a_short_one_is_one() -> None:
    ((start, content),) = pieces(encode(noise(2), "mp3"))
    assert start == 0
    assert decode(content, AudioLimits()).seconds == pytest.approx(2, abs=0.1)


def test_what_has_no_pause_is_cut_all_the_same() -> None:
    made = list(pieces(encode(noise(90), "wav"), 40))
    assert len(made) >= 3
    assert sum(decode(piece.content, AudioLimits()).seconds for piece in made) == pytest.approx(90, abs=0.01)


def test_what_is_no_sound() -> None:
    with pytest.raises(UnsupportedMedia):
        list(pieces(b"RIFF....WAVE" + bytes(100)))
