"""A model's bank is read as numbers, and as nothing else."""

from pathlib import Path

import numpy as np
import pytest

from services.keywords.negatives import NEGATIVES, negatives_of
from shared.problems import ModelCorrupt
from shared.store import LocalModel, Manifest

GOOD = np.random.default_rng(0).normal(size=(120, 8)).astype(np.float16)


def model(folder: Path, *files: str) -> LocalModel:
    facts = {"name": "keywords", "version": "1", "task": "spoken-keyword", "engine": "onnx", "licence": "CC0"}
    entries = {file: {"sha256": "0" * 64, "size_bytes": 1} for file in ("model.onnx", *files)}
    return LocalModel(folder, Manifest.model_validate({**facts, "files": entries}))


def test_reads_the_bank(tmp_path: Path) -> None:
    np.save(tmp_path / NEGATIVES, GOOD)
    found = negatives_of(model(tmp_path, NEGATIVES), 8)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, GOOD)


def test_a_model_without_a_bank_has_none(tmp_path: Path) -> None:
    np.save(tmp_path / NEGATIVES, GOOD)
    assert negatives_of(model(tmp_path), 8).shape == (0, 8)


@pytest.mark.parametrize(
    "bank",
    [
        GOOD[:, :7],
        GOOD[:50],
        GOOD[0],
        np.full_like(GOOD, np.nan),
        GOOD.astype(np.int64),
        np.array([{"an": "object"}] * 120),
    ],
    ids=["width", "rows", "shape", "not finite", "integers", "pickled"],
)
def test_anything_else_is_corrupt(tmp_path: Path, bank: np.ndarray) -> None:
    np.save(tmp_path / NEGATIVES, bank, allow_pickle=True)
    with pytest.raises(ModelCorrupt):
        negatives_of(model(tmp_path, NEGATIVES), 8)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_corrupt(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NEGATIVES).write_bytes(content)
    with pytest.raises(ModelCorrupt):
        negatives_of(model(tmp_path, NEGATIVES), 8)
