"""Processes that learn one network have the same gradients."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from training.voices.vits.distributed import average_gradients, joined  # noqa: E402


def learn(rank: int, folder: str) -> None:
    joined(rank, "test", Path(folder))
    layer, unused = torch.nn.Linear(2, 1, bias=False), torch.nn.Parameter(torch.zeros(3))
    layer(torch.full((1, 2), rank + 1.0)).sum().backward()
    average_gradients([*layer.parameters(), unused])
    torch.save(layer.weight.grad, f"{folder}/{rank}.pt")


def test_gradients_are_averaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    torch.multiprocessing.spawn(learn, (str(tmp_path),), nprocs=2)
    for rank in (0, 1):
        assert torch.load(tmp_path / f"{rank}.pt", weights_only=True).tolist() == [[1.5, 1.5]]


def test_one_process_keeps_its_own() -> None:
    weight = torch.nn.Parameter(torch.ones(1))
    (2 * weight).backward()
    average_gradients([weight])
    assert weight.grad is not None
    assert weight.grad.item() == 2
