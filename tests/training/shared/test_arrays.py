"""Files that numpy reads, written piece by piece."""

from pathlib import Path

import numpy as np
import pytest

from training.shared.arrays import GrowingArray, RowsFile


class TestGrowingArray:
    """Numbers one behind the other."""

    @pytest.mark.parametrize("pieces", [[], [0], [3, 0, 70_000, 1]])
    def test_numpy_reads_what_was_appended(self, tmp_path: Path, pieces: list[int]) -> None:
        written = [np.arange(length, dtype=np.int16) for length in pieces]
        with GrowingArray(tmp_path / "a.npy") as array:
            for piece in written:
                array.append(piece)
        found = np.load(tmp_path / "a.npy")
        assert found.dtype == np.int16
        np.testing.assert_array_equal(found, np.concatenate([np.empty(0, np.int16), *written]))

    def test_rows_of_other_numbers(self, tmp_path: Path) -> None:
        written = np.arange(12).reshape(4, 3) / 8
        with GrowingArray(tmp_path / "a.npy", (3,), "<f2") as array:
            array.append(written[:1])
            array.append(written[1:])
        found = np.load(tmp_path / "a.npy")
        assert found.dtype == np.float16
        np.testing.assert_array_equal(found, written)


class TestRowsFile:
    """Rows in any order."""

    def rows_file(self, folder: Path, rows: int) -> RowsFile:
        file = RowsFile(folder / "rows.npy", 3)
        file.create(rows)
        return file

    def test_rows_that_nobody_wrote_are_zeros(self, tmp_path: Path) -> None:
        file = self.rows_file(tmp_path, 5)
        file.write(3, np.full((2, 3), 7, np.int16))
        file.write(0, np.full((1, 3), 1, np.int16))
        assert np.load(file.path)[:, 0].tolist() == [1, 0, 0, 7, 7]

    @pytest.mark.parametrize("kept", ["11111", "01111", "10101", "00001", "00000"])
    def test_rows_move_up(self, tmp_path: Path, kept: str) -> None:
        file = self.rows_file(tmp_path, 5)
        rows = np.arange(15, dtype=np.int16).reshape(5, 3)
        file.write(0, rows)
        wanted = [letter == "1" for letter in kept]
        file.keep(wanted)
        np.testing.assert_array_equal(np.load(file.path), rows[wanted])
        np.testing.assert_array_equal(np.load(file.path, mmap_mode="r"), rows[wanted])
