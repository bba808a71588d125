"""Runs whose calls of a model become batches: each gets its own answer, and one that fails ends all."""

from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np
import pytest

from services.stt.engines.batches import Batched, run_batched
from tests.services.stt.whisper_model import MELS, vocabulary, write_model

LENGTHS = (1, 2, 1, 3)


class Counted:
    """A real model, which tells how many prompts it was given at once."""

    def __init__(self, folder: Path) -> None:
        self.model = ctranslate2.models.Whisper(str(folder), device="cpu", compute_type="int8", intra_threads=1)
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def generate(self, encoded: Any, prompts: list[list[int]], **options: Any) -> Any:
        self.sizes.append(len(prompts))
        return self.model.generate(encoded, prompts, **options)


@pytest.fixture
def model(tmp_path: Path) -> Counted:
    return Counted(write_model(tmp_path))


def said(model: Counted | Batched, times: int, **options: object) -> list[list[int]]:
    """Have the same frames written down so many times, one call behind the other."""
    tokens = vocabulary(multilingual=True)
    prompt = [tokens.index(f"<|{name}|>") for name in ("startoftranscript", "en", "transcribe")]
    frames = np.zeros((1, MELS, 3000), np.float32)
    frames[:, : MELS // 2, :50] = times
    encoded = model.encode(ctranslate2.StorageView.from_array(frames))
    return [model.generate(encoded, [prompt], beam_size=2, **options)[0].sequences_ids[0] for _ in range(times)]


def test_calls_become_batches(model: Counted) -> None:
    together = run_batched(model, [lambda batched, times=times: said(batched, times) for times in LENGTHS])
    assert model.sizes == [4, 2, 1]
    assert together == [said(model, times) for times in LENGTHS]


def test_only_calls_with_the_same_options_do(model: Counted) -> None:
    run_batched(model, [lambda batched, length=length: said(batched, 1, max_length=length) for length in (20, 30, 20)])
    assert sorted(model.sizes) == [1, 2]


def test_no_runs(model: Counted) -> None:
    assert run_batched(model, []) == []


def test_a_run_that_fails_ends_all(model: Counted) -> None:
    given_up = []

    def patient(batched: Batched) -> None:
        try:
            said(batched, 3)
        finally:
            given_up.append(batched)

    def hasty(batched: Batched) -> None:
        said(batched, 1)
        raise ArithmeticError

    with pytest.raises(ArithmeticError):
        run_batched(model, [patient, hasty])
    assert len(given_up) == 1
    assert model.sizes == [2]
