"""What kind of recording it is that a job was given, held against what its caller says of it."""

from contextlib import closing
from typing import NamedTuple

from shared.audio import AudioLimits, decode_blocks
from shared.problems import InvalidInput
from shared.sniff import find_container

_NAMES = {
    "mov": ("m4a", "mp4"),
    "matroska": ("webm",),
    **{name: (name,) for name in ("wav", "mp3", "flac", "ogg", "aac")},
}
"""What callers call each container."""
_NO_LIMIT = 1 << 40
"""The speech-to-text service has limits of its own; here nothing but the beginning is decoded."""


class Format(NamedTuple):
    """What is known of a recording; None: not told."""

    media_format: str | None
    sample_rate_hz: int | None


def require_format(recording: bytes, said: Format) -> Format:
    """Return what a recording is; blocks. Raises InvalidInput where that is not what was said, and as `decode` does."""
    names = _NAMES[find_container(recording)[0]]
    if said.media_format and said.media_format not in names:
        raise InvalidInput(
            f"The media format provided does not match the detected media format, which is {names[0]}.",
            param="input.media_format",
        )
    rate_hz = _sample_rate_hz(recording)
    if said.sample_rate_hz and said.sample_rate_hz != rate_hz:
        raise InvalidInput(
            f"The sample rate provided does not match the detected sample rate, which is {rate_hz} Hz.",
            param="input.sample_rate_hz",
        )
    return Format(said.media_format or names[0], rate_hz)


def _sample_rate_hz(recording: bytes) -> int:
    limits = AudioLimits(max_bytes=_NO_LIMIT, max_seconds=_NO_LIMIT, max_samples=_NO_LIMIT)
    with closing(decode_blocks(recording, limits)) as blocks:
        return next(blocks).sample_rate_hz
