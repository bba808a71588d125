"""How long a recording is, from its first bytes: near enough to share work and to count hours by. Needs no codecs."""

import struct
from collections.abc import Callable
from typing import Final

from shared.problems import Problem
from shared.sniff import find_container, mp3_bytes_per_second, mp3_frame_seconds

HEAD_BYTES: Final = 65_536
"""What is read of a recording; a picture in its tags may be longer, and then its bytes are counted."""
_BYTES_PER_SECOND: Final = {"wav": 32_000, "flac": 60_000, "mp3": 16_000, "aac": 16_000, "mov": 12_000}
_OTHER_BYTES_PER_SECOND: Final = 6_000
"""Opus and Vorbis, in ogg and webm."""
_FRAME_HEAD_BYTES: Final = 256
"""Within them stands what the first frame or page tells."""
_OPUS_HZ: Final = 48_000


def estimated_seconds(head: bytes, size_bytes: int) -> float:
    """Return how long a recording of that size is about, 0 for what is none; `head` is its beginning."""
    try:
        container, start = find_container(head)
    except Problem:
        return 0.0
    read = _READERS.get(container)
    told = read(head[start:], size_bytes - start) if read else None
    return told if told else (size_bytes - start) / _BYTES_PER_SECOND.get(container, _OTHER_BYTES_PER_SECOND)


def _wav_seconds(head: bytes, size_bytes: int) -> float | None:
    form = head.find(b"fmt ", 12)
    if form < 0 or len(head) < form + 20:
        return None
    (bytes_per_second,) = struct.unpack_from("<I", head, form + 16)
    return size_bytes / bytes_per_second if bytes_per_second else None


def _flac_seconds(head: bytes, _: int) -> float | None:
    """Read STREAMINFO (RFC 9639 section 8.2): 20 bits of rate, 8 of form, 36 of samples."""
    if len(head) < 26:
        return None
    packed = int.from_bytes(head[18:26])
    rate_hz, samples = packed >> 44, packed & (1 << 36) - 1
    return samples / rate_hz if rate_hz and samples else None


def _mp3_seconds(head: bytes, size_bytes: int) -> float | None:
    """Count the frames that LAME's header tells, as else an average of changing rates is taken for one that stays."""
    place = next((place for name in (b"Xing", b"Info") if (place := head.find(name, 0, _FRAME_HEAD_BYTES)) > 0), 0)
    if place and len(head) >= place + 12 and head[place + 7] & 1:
        return int.from_bytes(head[place + 8 : place + 12]) * mp3_frame_seconds(head) or None
    bytes_per_second = mp3_bytes_per_second(head)
    return size_bytes / bytes_per_second if bytes_per_second else None


def _ogg_seconds(head: bytes, size_bytes: int) -> float | None:
    """Read the last page's position (RFC 3533 section 6) of Opus (RFC 7845) or Vorbis, where all pages are there."""
    page = head.rfind(b"OggS")
    if len(head) < size_bytes or page < 0 or len(head) < page + 14:
        return None
    position = int.from_bytes(head[page + 6 : page + 14], "little", signed=True)
    opus, vorbis = head.find(b"OpusHead", 0, _FRAME_HEAD_BYTES), head.find(b"\x01vorbis", 0, _FRAME_HEAD_BYTES)
    if opus > 0 and len(head) >= opus + 12:
        return max(position - int.from_bytes(head[opus + 10 : opus + 12], "little"), 0) / _OPUS_HZ
    rate_hz = int.from_bytes(head[vorbis + 12 : vorbis + 16], "little") if vorbis > 0 else 0
    return max(position, 0) / rate_hz if rate_hz else None


def _mp4_seconds(head: bytes, _: int) -> float | None:
    """Read the movie header (ISO 14496-12 section 8.2.2), where it is at the beginning."""
    start = head.find(b"mvhd")
    if start < 0 or len(head) < start + 36:
        return None
    is_long = head[start + 4] == 1
    scale, duration = struct.unpack_from(">IQ" if is_long else ">II", head, start + (24 if is_long else 16))
    return duration / scale if scale else None


_READERS: Final[dict[str, Callable[[bytes, int], float | None]]] = {
    "wav": _wav_seconds,
    "flac": _flac_seconds,
    "mp3": _mp3_seconds,
    "mov": _mp4_seconds,
    "ogg": _ogg_seconds,
}
