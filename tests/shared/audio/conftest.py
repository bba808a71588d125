"""Real speech, every kind of file made from it, and files that a stranger might craft."""

import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.audio import Sound
from tests.sounds import container, files_of, spoken

Mp4 = Callable[..., bytes]


@pytest.fixture(scope="session")
def speech() -> Sound:
    """Three seconds and more of speech at 16 kHz."""
    return spoken("slt")


@pytest.fixture(scope="session")
def files(speech: Sound) -> dict[str, bytes]:
    """Return the speech in every kind of file that is decoded."""
    return files_of(speech)


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
