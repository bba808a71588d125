"""Ogg pages with a serial number of our own are still Ogg pages."""

import io
import os

import numpy as np
import pytest
import soundfile

from shared.audio.ogg import Renumbered

SOUND = (np.random.default_rng(5).standard_normal(100_000) / 10).astype(np.float32)


def theirs() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, SOUND, 24_000, format="OGG", subtype="VORBIS")
    return file.getvalue()


@pytest.mark.parametrize("step", [1, 7, 1_000, 10_000_000])
def test_the_sound_is_the_same_and_the_number_is_zero(step: int) -> None:
    data, target = theirs(), io.BytesIO()
    file = Renumbered(target)
    for start in range(0, len(data), step):
        file.write(data[start : start + step])
    ours = target.getvalue()
    assert (len(ours), file.tell(), ours[14:18]) == (len(data), len(data), bytes(4))
    assert ours != data
    # The reader drops pages whose checksum is wrong.
    assert np.array_equal(soundfile.read(io.BytesIO(ours))[0], soundfile.read(io.BytesIO(data))[0])


def test_pages_go_on_as_soon_as_they_are_whole() -> None:
    data, target = theirs(), io.BytesIO()
    first = data.index(b"OggS", 4)
    file = Renumbered(target)
    file.write(data[: first - 1])
    assert target.getvalue() == b""
    file.write(data[first - 1 : first + 10])
    assert len(target.getvalue()) == first == file.seek(0, os.SEEK_END) - 10
