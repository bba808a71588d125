"""Plain wav files, read in this process: their samples need no codec, and so no child to lock one up in.

Only Python and numpy touch the bytes. What comes of a file is, to the bit, what comes of it through the decoder; a file
with anything unusual is left to that.
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np
from numpy.typing import NDArray

from shared.audio.limits import AudioLimits, Meter
from shared.audio.mono import SAMPLE_FORMATS, mono
from shared.audio.sound import Sound
from shared.problems import Problem
from shared.sniff import find_container

_RIFF_BYTES: Final = 12
_CHUNK: Final = struct.Struct("<4sI")
_FORM: Final = struct.Struct("<HHIIHH")
_EXTENSION: Final = struct.Struct("<HHIH14s")
_EXTENSIBLE: Final = 0xFFFE
_OLD_TAG: Final = bytes.fromhex("000000001000800000aa00389b71")
"""What follows the tag in a GUID that stands for an old tag (mmreg.h)."""
_SAMPLE_FORMATS: Final = {
    # (tag, bits): libav's name of what it makes of such samples
    (1, 8): "u8", (1, 16): "s16", (1, 24): "s32", (1, 32): "s32", (3, 32): "flt", (3, 64): "dbl",
}  # fmt: skip
_MOST_CHANNELS: Final = 8
_SKIPPED: Final = frozenset([b"LIST", b"fact", b"JUNK", b"junk", b"PEAK", b"FLLR"])
_LEAST_SKIPPED_BYTES: Final = 4
_MOST_CHUNKS: Final = 32
_UNTIL_THE_END: Final = frozenset([0, 0xFFFFFFFF])
"""Lengths that a program writes which does not know yet how many samples there will be."""
_PROBED_BYTES: Final = 1 << 16
_CODED: Final = tuple(
    struct.unpack("<HH", mark)
    for mark in (
        b"\x72\xf8\x1f\x4e", b"\xfe\x7f\x01\x80", b"\x7f\xfe\x80\x01", b"\xff\x1f\x00\xe8", b"\x1f\xff\xe8\x00"
    )
)  # fmt: skip
"""The two samples that frames of S/PDIF and DTS begin with: to pass through players they look like sound of 16 bits."""
_BLOCK_SAMPLES: Final = 1 << 16


@dataclass(frozen=True)
class PlainWav:
    """Samples as they lie in the file, the channels side by side; `sample_format` is libav's name of them."""

    sample_format: str
    sample_bytes: int
    channels: int
    sample_rate_hz: int
    content: memoryview

    def blocks(self, limits: AudioLimits) -> Iterator[Sound]:
        """Yield mono blocks at the file's own rate.

        Raises TooLarge (a limit was hit) and UnsupportedMedia (a rate out of range, samples that are not finite).
        """
        meter = Meter(limits)
        frame_bytes = self.sample_bytes * self.channels
        whole = self.content[: len(self.content) // frame_bytes * frame_bytes]
        for start in range(0, len(whole), _BLOCK_SAMPLES * frame_bytes):
            planes = self._planes(whole[start : start + _BLOCK_SAMPLES * frame_bytes])
            meter.count(planes.shape[1], self.channels, self.sample_rate_hz)
            yield Sound(mono(planes, self.sample_format), self.sample_rate_hz)

    def _planes(self, content: memoryview) -> NDArray[np.number]:
        """Return samples in libav's dtype, shape (channels, n)."""
        dtype = np.dtype(SAMPLE_FORMATS[self.sample_format][0])
        samples = np.frombuffer(content, dtype if self.sample_bytes == dtype.itemsize else np.uint8)
        if self.sample_bytes < dtype.itemsize:  # 24 bits become the upper ones of 32
            filled = np.zeros((len(samples) // self.sample_bytes, dtype.itemsize), np.uint8)
            filled[:, dtype.itemsize - self.sample_bytes :] = samples.reshape(-1, self.sample_bytes)
            samples = filled.reshape(-1).view(dtype)
        return samples.reshape(-1, self.channels).T


def plain_wav(data: bytes) -> PlainWav | None:
    """Return a wav file's samples: u8, s16, s24, s32, f32 or f64. None for any other file, or an unusual one."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        return None
    chunks = list(islice(_chunks(memoryview(data)), _MOST_CHUNKS))
    needed = [(name, content) for name, content in chunks if name not in _SKIPPED]
    if [name for name, _ in needed] != [b"fmt ", b"data"] or not _are_usual(chunks):
        return None
    wav = _with_form(*(content for _, content in needed))
    return None if wav is None or _may_be_coded(wav) else wav


def _chunks(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    """Yield name and content of each chunk, as far as the file goes."""
    start = _RIFF_BYTES
    while start + _CHUNK.size <= len(data):
        name, size = _CHUNK.unpack_from(data, start)
        if name == b"data" and size in _UNTIL_THE_END:
            size = len(data)
        start += _CHUNK.size
        yield name, data[start : start + size]
        start += size + size % 2


def _are_usual(chunks: list[tuple[bytes, memoryview]]) -> bool:
    """Say whether every reader agrees on where chunks begin, and skips those that hold no sound."""
    *before, _ = chunks
    return (
        len(chunks) < _MOST_CHUNKS
        and all(len(content) >= _LEAST_SKIPPED_BYTES for name, content in chunks if name in _SKIPPED)
        and not any(name == b"data" and len(content) % 2 for name, content in before)
    )


def _with_form(form: memoryview, samples: memoryview) -> PlainWav | None:
    if not _FORM.size <= len(form) <= _FORM.size + _EXTENSION.size:
        return None
    tag, channels, sample_rate_hz, _, frame_bytes, bits = _FORM.unpack_from(form)
    sample_format = _SAMPLE_FORMATS.get((_tag(tag, bits, bytes(form[_FORM.size :])), bits))
    if not sample_format or not 1 <= channels <= _MOST_CHANNELS or frame_bytes != channels * bits // 8:
        return None
    return PlainWav(sample_format, bits // 8, channels, sample_rate_hz, samples)


def _tag(tag: int, bits: int, extension: bytes) -> int:
    """Return the tag that says what samples are, 0 where the form is not one of the usual three."""
    if tag != _EXTENSIBLE:
        return tag if extension in (b"", b"\0\0") else 0
    if len(extension) != _EXTENSION.size:
        return 0
    size, valid_bits, _, old_tag, rest = _EXTENSION.unpack(extension)
    usual = size == _EXTENSION.size - 2 and valid_bits in (0, bits) and rest == _OLD_TAG
    return int(old_tag) if usual else 0


def _may_be_coded(wav: PlainWav) -> bool:
    """Say whether samples of 16 bits look like a coded stream, which the decoder then finds in them."""
    if wav.sample_format != "s16":
        return False
    head = bytes(wav.content[:_PROBED_BYTES])
    with suppress(Problem):
        find_container(head)
        return True
    samples = np.frombuffer(head, "<u2", len(head) // 2)
    return any(((samples[:-1] == first) & (samples[1:] == second)).any() for first, second in _CODED)
