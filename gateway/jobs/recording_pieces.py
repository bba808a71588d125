"""A recording that is more than the speech-to-text service takes at once, in pieces: cut where it is quietest."""

from collections.abc import Iterator
from contextlib import closing
from typing import NamedTuple

import numpy as np

from shared.audio import AudioLimits, Samples, Sound, decode_blocks, encode

PIECE_SECONDS = 600
_SEARCHED_SECONDS = 30
"""At the end of each piece: a pause is found there in any talk."""
_FRAME_SECONDS, _PAUSE_FRAMES = 0.02, 15
_RATE_HZ = 16_000
"""That of nearly all models; others resample."""
_LIMITS = AudioLimits(max_bytes=1 << 40, max_seconds=14_400, max_samples=1_440_000_000, max_work_seconds=1_800)
"""As the service's own, but for the size, which is looked at while the recording is fetched."""


class Piece(NamedTuple):
    """A part of a recording, as flac, and where it begins."""

    start_seconds: float
    content: bytes


def pieces(recording: bytes, piece_seconds: float = PIECE_SECONDS) -> Iterator[Piece]:
    """Yield a recording in pieces of so many seconds at most; blocks, and holds one. Raises as `decode_blocks`."""
    start, held = 0, np.zeros(0, np.float32)
    most = round(piece_seconds * _RATE_HZ)
    with closing(decode_blocks(recording, _LIMITS, sample_rate_hz=_RATE_HZ)) as blocks:
        for block in blocks:
            held = np.concatenate([held, block.samples])
            while len(held) > most:
                cut = _quietest(held[:most])
                yield _piece(start, held[:cut])
                start, held = start + cut, held[cut:]
    yield _piece(start, held)


def _piece(start: int, samples: Samples) -> Piece:
    return Piece(start / _RATE_HZ, encode(Sound(samples, _RATE_HZ), "flac"))


def _quietest(samples: Samples) -> int:
    """Return the middle of the quietest stretch near the end."""
    frame = round(_FRAME_SECONDS * _RATE_HZ)
    frames = min(round(_SEARCHED_SECONDS / _FRAME_SECONDS), len(samples) // frame)
    first = len(samples) - frames * frame
    loudness = np.square(samples[first:]).reshape(frames, frame).sum(axis=1)
    over_pauses = np.convolve(loudness, np.ones(_PAUSE_FRAMES), "valid")
    return first + (int(over_pauses.argmin()) + _PAUSE_FRAMES // 2) * frame + frame // 2
