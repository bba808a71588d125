"""`.npy` files that are written piece by piece, and never held in memory."""

import os
from collections.abc import Sequence
from itertools import compress
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from training.shared.sounds import Numbers

_HEADER_BYTES = 128
_NUMBER_BYTES = 2


def _write_header(file: BinaryIO, shape: tuple[int, ...], kind: str = "<i2") -> None:
    """Write the header anew: numpy leaves room in it for the first axis to grow, so that it keeps its length."""
    file.seek(0)
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": shape})
    assert file.tell() == _HEADER_BYTES


class GrowingArray:
    """Numbers [m], or rows of them [m, columns], of which only the end is known while they are written."""

    def __init__(self, path: Path, row: tuple[int, ...] = (), kind: str = "<i2") -> None:
        """`row` is the shape of what stands in a place, `kind` numpy's name of the numbers."""
        self.length = 0
        self._row, self._kind = row, kind
        self._file = path.open("wb")
        _write_header(self._file, (0, *row), kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _write_header(self._file, (self.length, *self._row), self._kind)
        self._file.close()

    def append(self, numbers: NDArray[Any]) -> None:
        """Add numbers, or rows, at the end."""
        self._file.write(numbers.astype(self._kind, copy=False).tobytes())
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
