"""`.npy` files of 16-bit numbers that are written piece by piece, and never held in memory."""

import os
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np

from training.keywords.sounds import Numbers

_HEADER_BYTES = 128
_NUMBER_BYTES = 2


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """Write the header anew: numpy leaves room in it for the first axis to grow, so that it keeps its length."""
    file.seek(0)
    np.lib.format.write_array_header_1_0(file, {"descr": "<i2", "fortran_order": False, "shape": shape})
    assert file.tell() == _HEADER_BYTES


class GrowingArray:
    """A row of numbers [m], of which only the end is known while it is written."""

    def __init__(self, path: Path) -> None:
        self.length = 0
        self._file = path.open("wb")
        _write_header(self._file, (0,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _write_header(self._file, (self.length,))
        self._file.close()

    def append(self, numbers: Numbers) -> None:
        """Add numbers at the end."""
        self._file.write(numbers.tobytes())
        self.length += len(numbers)


class RowsFile:
    """A table of numbers [rows, columns]. Several processes may write rows of it at once: it holds no open file."""

    def __init__(self, path: Path, columns: int) -> None:
        self.path, self.columns = path, columns

    def create(self, rows: int) -> None:
        """Make a file of so many rows of zeros, which take no room on the disk yet."""
        with self.path.open("wb") as file:
            _write_header(file, (rows, self.columns))
            file.truncate(self._offset(rows))

    def write(self, first: int, rows: Numbers) -> None:
        """Put rows in their place, int16 (n, columns)."""
        with self.path.open("r+b") as file:
            file.seek(self._offset(first))
            file.write(rows.tobytes())

    def keep(self, kept: Sequence[bool]) -> None:
        """Leave out the rows for which `kept` says so, and move the others up."""
        place = 0
        with self.path.open("r+b") as file:
            for row in compress(range(len(kept)), kept):
                if place != row:
                    data = os.pread(file.fileno(), self._offset(1) - _HEADER_BYTES, self._offset(row))
                    os.pwrite(file.fileno(), data, self._offset(place))
                place += 1
            file.truncate(self._offset(place))
            _write_header(file, (place, self.columns))

    def _offset(self, row: int) -> int:
        return _HEADER_BYTES + row * self.columns * _NUMBER_BYTES
