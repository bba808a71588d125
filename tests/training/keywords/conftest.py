"""Small folders of words."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

RATE_HZ = 16_000
Write = Callable[..., NDArray[np.int16]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """An empty folder of data."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def write(data: Path) -> Write:
    """Write a recording of noise, another for each file, and return its 16-bit numbers."""

    def write(file: str, samples: int = RATE_HZ, level: int = 3_000, rate_hz: int = RATE_HZ) -> NDArray[np.int16]:
        path = data / file
        path.parent.mkdir(parents=True, exist_ok=True)
        seed = int.from_bytes(file.encode()) % 2**32
        numbers = np.random.default_rng(seed).integers(-level, level + 1, samples, np.int16)
        soundfile.write(path, numbers, rate_hz, "PCM_16" if path.suffix in (".wav", ".flac") else None)
        return numbers

    return write
