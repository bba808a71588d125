"""Learn a voice: `python -m training.voices.world.train PREPARED RUN [--base RUN]`.

A run that was killed at any moment goes on with the epoch it was in. What it looks and sounds like on the way:
`tensorboard --logdir RUN/tensorboard`.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track
from torch import nn

from training.voices.history import note
from training.voices.prepared import EVALUATION, TRAINING, read_prepared
from training.voices.runs import BEST, STATE, load, read_settings, save
from training.voices.world.losses import Losses, losses_of
from training.voices.world.material import Batch, Material, Normal
from training.voices.world.network import Acoustic, Shape
from training.voices.world.settings import Settings
from training.voices.world.watching import Watching

_WARM_UP_STEPS, _CLIPPED = 200, 1.0
_DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
_IS_MIXED = _DEVICE == "cuda" or torch.cpu._is_avx512_bf16_supported()
"""Whether half as many bits save time; on a CPU without instructions for them they cost some."""


@dataclass
class Training:
    """A network on its way."""

    material: Material
    settings: Settings
    normal: Normal
    network: Acoustic
    optimiser: torch.optim.AdamW
    epoch: int = 0
    """How many are done."""
    best: float = float("inf")

    def described(self) -> dict[str, object]:
        """Return the network as it is exported, or learned on top of."""
        return {
            "shape": list(shape_of(self.material, self.settings)),
            "normal": list(self.normal),
            "network": self.network.state_dict(),
            "epoch": self.epoch,
        }

    def state(self) -> dict[str, object]:
        """Return all that a run needs to go on, but for its data."""
        return {**self.described(), "optimiser": self.optimiser.state_dict(), "best": self.best}


def shape_of(material: Material, settings: Settings) -> Shape:
    """Return the network's size."""
    return Shape(
        symbols=material.symbols,
        styles=len(material.styles),
        bands=material.bands,
        width=settings.width,
        symbol_blocks=settings.symbol_blocks,
        frame_blocks=settings.frame_blocks,
        dropout=settings.dropout,
    )


def begun(material: Material, folder: Path, settings: Settings, base: Path | None) -> Training:
    """Return a run as it was left, or a new one, which knows what `base` has learned."""
    torch.manual_seed(settings.seed)
    state = load(folder / STATE) if (folder / STATE).exists() else None
    known = state or (load(base / BEST) if base else None)
    normal = Normal(*known["normal"]) if known else material.normal()
    network = Acoustic(shape_of(material, settings)).to(_DEVICE)
    training = Training(material, settings, normal, network, torch.optim.AdamW(network.parameters(), settings.rate))
    if state:
        network.load_state_dict(state["network"])
        training.optimiser.load_state_dict(state["optimiser"])
        training.epoch, training.best = state["epoch"], state["best"]
    elif known:
        _learn_from(network, known["network"], len(material.styles))
    return training


def _learn_from(network: nn.Module, weights: dict[str, torch.Tensor], styles: int) -> None:
    """Take another voice's weights; its usual way of speaking is where all styles of this one begin."""
    weights = {**weights, "styles.weight": weights["styles.weight"][:1].repeat(styles, 1)}
    network.load_state_dict(weights)


def train(training: Training, folder: Path) -> None:
    """Do what is left of the epochs, each of which is kept."""
    settings, watching = training.settings, Watching(folder, training.material, training.normal)
    steps = len(training.material.of(TRAINING)) // settings.batch + 1
    began, done_before = time.monotonic(), training.epoch
    while training.epoch < settings.epochs:
        random = np.random.default_rng((settings.seed, training.epoch))
        batches = training.material.batches(TRAINING, training.normal, settings.batch, random)
        learned = _epoch(training, batches, steps)
        judged = _judged(training)
        training.epoch += 1
        is_best = judged["total"] <= training.best
        training.best = min(judged["total"], training.best)
        row = {"epoch": training.epoch, **{f"training_{k}": v for k, v in learned.items()}, **judged}
        watching.show(row, training.network)
        note(folder, row)
        if is_best:
            save(training.described(), folder / BEST)
        save(training.state(), folder / STATE)
        _say(row, settings.epochs, (time.monotonic() - began) / (training.epoch - done_before))


def _epoch(training: Training, batches: Iterable[Batch], steps: int) -> dict[str, float]:
    training.network.train()
    seen: list[Losses] = []
    hidden = not sys.stderr.isatty()
    for at, batch in enumerate(track(batches, "learning", steps, console=Console(stderr=True), disable=hidden)):
        _set_rate(training, training.epoch * steps + at, steps)
        losses = _losses(training.network, batch)
        training.optimiser.zero_grad()
        losses.total.backward()
        nn.utils.clip_grad_norm_(training.network.parameters(), _CLIPPED)
        training.optimiser.step()
        seen.append(Losses(*(loss.detach() for loss in losses)))
    return _means(seen)


def _set_rate(training: Training, step: int, steps: int) -> None:
    """Warm up, then sink along a cosine to nothing."""
    part = step / (training.settings.epochs * steps)
    rate = training.settings.rate * min(1, (step + 1) / _WARM_UP_STEPS) * 0.5 * (1 + math.cos(math.pi * part))
    for group in training.optimiser.param_groups:
        group["lr"] = rate


def _judged(training: Training) -> dict[str, float]:
    """Return the losses of what is held out."""
    training.network.eval()
    batches = training.material.batches(EVALUATION, training.normal, training.settings.batch, np.random.default_rng(0))
    with torch.inference_mode():
        return _means([_losses(training.network, batch) for batch in batches])


def _losses(network: Acoustic, batch: Batch) -> Losses:
    here = batch.to(_DEVICE)
    with torch.autocast(_DEVICE, torch.bfloat16, enabled=_IS_MIXED):
        said, log_durations = network(here)
    return losses_of(said.float(), log_durations.float(), here)


def _means(seen: list[Losses]) -> dict[str, float]:
    means = Losses(*(torch.stack(losses).mean() for losses in zip(*seen, strict=True)))
    return {"total": float(means.total), **{name: float(value) for name, value in means._asdict().items()}}


def _say(row: dict[str, float], epochs: int, seconds: float) -> None:
    left_minutes = (epochs - row["epoch"]) * seconds / 60
    sys.stdout.write(
        f"epoch {row['epoch']:.0f} of {epochs}  learned {row['training_total']:.4f}  held out {row['total']:.4f}"
        f"  {seconds:.0f} s each, {left_minutes:.0f} minutes left\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Read the command line and learn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("prepared", type=Path, help="what training.voices.world.prepare wrote")
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--base", type=Path, help="run of a voice to begin with")
    for one in fields(Settings):
        assert callable(one.type)
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=one.type, default=one.default)
    values = vars(parser.parse_args())
    prepared, folder, base = (values.pop(name) for name in ("prepared", "run", "base"))
    settings = read_settings(folder, Settings(**values))
    torch.set_num_threads(settings.threads)
    train(begun(read_prepared(prepared, Material), folder, settings, base), folder)


if __name__ == "__main__":
    main()
