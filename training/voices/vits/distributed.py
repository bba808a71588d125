"""Several processes that learn one network, each on a GPU of its own, as `python -m trainer.distribute` starts them."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import distributed, nn


@dataclass(frozen=True)
class Place:
    """Which of how many processes this one is."""

    rank: int = 0
    processes: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it is the one that writes."""
        return self.rank == 0


def joined(rank: int, group: str, folder: Path) -> Place:
    """Wait for the other processes of a group; `folder` is one that all of them see."""
    place = Place(rank, len(os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")))
    folder.mkdir(parents=True, exist_ok=True)
    has_gpu = torch.cuda.is_available()
    if has_gpu:
        torch.cuda.set_device(rank)
    distributed.init_process_group(
        "nccl" if has_gpu else "gloo",
        init_method=f"file://{(folder / f'unfinished.{group}').absolute()}",
        world_size=place.processes,
        rank=rank,
    )
    return place


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give all processes the mean of their gradients; does nothing where there is one process."""
    if not distributed.is_initialized():
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    together = torch.cat([gradient.flatten() for gradient in gradients])
    distributed.all_reduce(together)
    together /= distributed.get_world_size()
    parts = together.split([gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))
