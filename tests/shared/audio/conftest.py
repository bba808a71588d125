"""Real speech, every kind of file made from it, and files that a stranger might craft."""

import asyncio
import io
import struct
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from services.tts.engines.flite import Flite
from services.tts.speech import Speech, SpokenWord, Utterance
from shared.audio import Samples, Sound, encode

TEXT = "The quick brown fox could not believe how quiet the old house was, and so it sang."
Mp4 = Callable[..., bytes]


@pytest.fixture(scope="session")
def speech() -> Sound:
    """Three seconds and more of speech at 16 kHz."""
    spoken = asyncio.run(_spoken(Utterance(tuple(map(SpokenWord, TEXT.split())), "slt", "en-us")))
    return Sound(spoken.samples, spoken.sample_rate_hz)


async def _spoken(utterance: Utterance) -> Speech:
    engine = Flite()
    try:
        return await engine.speak(utterance)
    finally:
        await engine.close()


def container(samples: Samples, rate_hz: int, muxer: str, codec: str, layout: str = "mono") -> bytes:
    """Write a file of a kind that the product reads but does not write; `samples` (n,) or (channels, n)."""
    file = io.BytesIO()
    with av.open(file, "w", format=muxer) as output:
        stream = output.add_stream(codec, rate_hz, layout=layout)
        kind = stream.codec_context.format.name.replace("s32", "s16")
        stream.codec_context.format = kind
        planes = np.atleast_2d(samples)
        frame = av.AudioFrame(kind, layout, planes.shape[1])
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
        values = planes if kind.endswith("p") else planes.T.reshape(1, -1)
        for plane, row in zip(frame.planes, values, strict=False):
            whole = np.rint(row * 32767).astype(np.int16) if kind.startswith("s16") else row.astype(np.float32)
            plane.update(whole.tobytes())
        output.mux([*stream.encode(frame), *stream.encode(None)])
    return file.getvalue()


@pytest.fixture(scope="session")
def files(speech: Sound) -> dict[str, bytes]:
    """Return the speech in every kind of file that is decoded."""
    written = {name: encode(speech, name) for name in ("wav", "mp3", "opus", "aac", "flac", "ogg_vorbis")}
    return {
        **written,
        "m4a": container(speech.samples, speech.sample_rate_hz, "mp4", "aac"),
        "alac": container(speech.samples, speech.sample_rate_hz, "ipod", "alac"),
        "webm": container(speech.samples, speech.sample_rate_hz, "webm", "libopus"),
    }


def box(name: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), name) + body


def full_box(name: bytes, *parts: bytes) -> bytes:
    return box(name, bytes(4), *parts)


def mp4_of(sample_count: int = 1000, reference: bytes = box(b"url ", b"\0\0\0\1"), entry: bytes = b"sowt") -> bytes:
    """Return a QuickTime file of 16-bit samples whose tables claim `sample_count`, with this data reference."""
    description = box(entry, bytes(6), b"\0\1", bytes(8), struct.pack(">HHHHI", 1, 16, 0, 0, 8000 << 16))
    tables = box(
        b"stbl",
        full_box(b"stsd", struct.pack(">I", 1), description),
        full_box(b"stts", struct.pack(">III", 1, sample_count, 3)),
        full_box(b"stsc", struct.pack(">IIII", 1, 1, sample_count, 1)),
        full_box(b"stsz", struct.pack(">II", 2, sample_count)),
        full_box(b"stco", struct.pack(">II", 1, 40)),
    )
    references = box(b"dinf", full_box(b"dref", struct.pack(">I", 1), reference))
    media = box(
        b"mdia",
        full_box(b"mdhd", struct.pack(">IIIIHH", 0, 0, 8000, sample_count, 0, 0)),
        full_box(b"hdlr", bytes(4), b"soun", bytes(13)),
        box(b"minf", full_box(b"smhd", bytes(4)), references, tables),
    )
    track = box(b"trak", box(b"tkhd", b"\0\0\0\7", struct.pack(">IIIII", 0, 0, 1, 0, 1000), bytes(60)), media)
    header = full_box(b"mvhd", struct.pack(">IIII", 0, 0, 1000, 1000), bytes(80))
    return box(b"ftyp", b"M4A \0\0\2\0isomM4A ") + box(b"mdat", b"\1\2" * 1000) + box(b"moov", header, track)


@pytest.fixture(scope="session")
def mp4() -> Mp4:
    """Return the maker of crafted QuickTime files."""
    return mp4_of


@pytest.fixture(scope="session")
def make_container() -> Callable[..., bytes]:
    """Return the maker of files that the product only reads."""
    return container


@pytest.fixture
def peak_bytes() -> Callable[..., list[int]]:
    """Return a runner of a script in a fresh process; the script prints one number of bytes a line."""

    def run(script: str, *arguments: Path | str) -> list[int]:
        command = [sys.executable, "-c", script, *map(str, arguments)]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, cwd=Path.cwd())
        return [int(line) for line in done.stdout.split()]

    return run
