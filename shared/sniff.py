"""Which container a file is, by its first bytes alone: libav is never left to guess. Needs no codecs."""

from collections.abc import Callable, Iterable
from typing import Final

from shared.problems import InvalidInput, UnsupportedMedia

_KBITS_V1: Final = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
_KBITS_V2: Final = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0)
_RATES_V1_HZ: Final = (44_100, 48_000, 32_000, 0)
_ENOUGH_BYTES: Final = 16_384
"""Behind any tags: what tells a container, and the longest frame that another has to follow."""
_SUPPORTED: Final = "wav, mp3, flac, ogg (vorbis or opus), m4a, mp4, aac, webm and matroska"


def find_container(data: bytes) -> tuple[str, int]:
    """Return libav's name of the demuxer and the offset at which the audio begins (after any ID3 tags).

    Raises InvalidInput for no bytes at all and UnsupportedMedia for bytes that are none of our containers.
    """
    if not data:
        raise InvalidInput("The audio file is empty.")
    start = _skip_id3(data)
    head = data[start : start + 12]
    if head[:4] in (b"RIFF", b"RF64", b"BW64", b"RIFX") and head[8:12] == b"WAVE":
        return "wav", start
    if head[4:8] == b"ftyp":
        return "mov", start
    for magic, demuxer in ((b"fLaC", "flac"), (b"OggS", "ogg"), (b"\x1a\x45\xdf\xa3", "matroska")):
        if head.startswith(magic):
            return demuxer, start
    for frame_bytes, demuxer in ((_adts_frame_bytes, "aac"), (_mp3_frame_bytes, "mp3")):
        if _two_frames(data, start, frame_bytes):
            return demuxer, start
    raise UnsupportedMedia(f"This is no audio that we decode; we take {_SUPPORTED}.")


def require_audio(chunks: Iterable[bytes]) -> None:
    """Read of a file no more than tells that it is audio. Raises as `find_container`."""
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= _skip_id3(head) + _ENOUGH_BYTES:
            break
    find_container(head)


def _skip_id3(data: bytes) -> int:
    """Return the offset after the ID3v2 tags (id3.org, ID3v2.4 section 3.1) and the zeros that may pad them."""
    start = 0
    while data[start : start + 3] == b"ID3" and len(data) >= start + 10:
        flags, sizes = data[start + 5], data[start + 6 : start + 10]
        size = sum((byte & 0x7F) << shift for byte, shift in zip(sizes, (21, 14, 7, 0), strict=True))
        start += 10 + size + (10 if flags & 0x10 else 0)
    while start and data[start : start + 1] == b"\0":
        start += 1
    return start


def _two_frames(data: bytes, start: int, frame_bytes: Callable[[bytes], int]) -> bool:
    """Say whether a frame begins here and the next one where it says; two bytes alone would match too much."""
    size = frame_bytes(data[start : start + 6])
    following = data[start + size : start + size + 6]
    return size > 0 and (len(following) < 6 or frame_bytes(following) > 0)


def _adts_frame_bytes(head: bytes) -> int:
    """Return the length of an AAC frame with an ADTS header (ISO 13818-7), 0 if this is none."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    size = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return size if size > 7 else 0


def mp3_bytes_per_second(head: bytes) -> int:
    """Return how much of an MPEG audio layer III stream lasts a second, by the frame that it begins with; 0 if none."""
    return _mp3_kbits(head) * 125 if _mp3_frame_bytes(head[:6]) else 0


def mp3_frame_seconds(head: bytes) -> float:
    """Return how long a frame of an MPEG audio layer III stream lasts, by the one that it begins with; 0 if none."""
    if not _mp3_frame_bytes(head[:6]):
        return 0.0
    return (1152 if head[1] >> 3 & 3 == 3 else 576) / _mp3_rate_hz(head)


def _mp3_kbits(head: bytes) -> int:
    return (_KBITS_V1 if head[1] >> 3 & 3 == 3 else _KBITS_V2)[head[2] >> 4]


def _mp3_rate_hz(head: bytes) -> int:
    return _RATES_V1_HZ[head[2] >> 2 & 3] // {3: 1, 2: 2, 0: 4}.get(head[1] >> 3 & 3, 1)


def _mp3_frame_bytes(head: bytes) -> int:
    """Return the length of an MPEG audio layer III frame (ISO 11172-3, 13818-3 and MPEG 2.5), 0 if this is none."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version = head[1] >> 3 & 3  # 3 is MPEG 1, 2 is MPEG 2, 0 is MPEG 2.5
    kbits = _mp3_kbits(head)
    rate_hz = _mp3_rate_hz(head)
    if version == 1 or not kbits or not rate_hz:
        return 0
    return (144 if version == 3 else 72) * kbits * 1000 // rate_hz + (head[2] >> 1 & 1)
