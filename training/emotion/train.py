"""Fine-tune MiniLM on GoEmotions, resumable: `python -m training.emotion.train DATA OUT --seed 1`."""

import argparse
import functools
import json
import random
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.emotion.data import Rows, length_batches, pad, read_goemotions, read_xed, replace_masks
from training.emotion.model import HEADS, EmotionModel, load_base
from training.emotion.tokens import build_tokenizer

SAVE_EVERY_STEPS = 400
AVERAGE_EVERY_STEPS = 10
LOG_EVERY_STEPS = 50


@dataclass(frozen=True)
class Settings:
    """What one run is made of; written beside its weights."""

    seed: int = 1
    epochs: int = 3
    minutes: float = 0.0
    batch_rows: int = 32
    film_rows: int = 3200
    film_weight: float = 0.4
    encoder_rate: float = 1.2e-4
    head_rate: float = 1e-3
    layer_decay: float = 0.9
    weight_decay: float = 0.01
    warm_up: float = 0.06
    average_decay: float = 0.98
    teacher: str = ""
    """File of teach.py; none: the labels are all there is to learn from."""
    teacher_share: float = 0.6


@dataclass
class State:
    """What a stopped run needs to go on."""

    step: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Batch:
    """One step's texts as tokens, with the targets of the label sets that they have."""

    ids: Tensor
    mask: Tensor
    targets: dict[str, Tensor]
    taught: dict[str, Tensor]
    """Probabilities that a teacher gives; of film lines none."""


def positive_weights(targets: np.ndarray) -> Tensor:
    """Weigh the positives of rare labels up by the root of their rarity, at most fivefold."""
    rate = targets.mean(axis=0)
    return torch.from_numpy(np.clip(np.sqrt(0.05 / rate), 1, 5).astype(np.float32))


def parameter_groups(model: EmotionModel, settings: Settings) -> list[dict[str, object]]:
    """Give each layer its own rate, smaller towards the input; the embeddings stay as they are."""
    for part in (model.words, model.positions, model.embedding_norm):
        part.requires_grad_(False)
    groups: list[dict[str, object]] = []
    for depth, layer in enumerate(reversed(model.layers)):
        rate = settings.encoder_rate * settings.layer_decay**depth
        for decay, vectors in ((settings.weight_decay, False), (0.0, True)):
            chosen = [value for value in layer.parameters() if (value.ndim == 1) == vectors]
            groups.append({"params": chosen, "lr": rate, "peak": rate, "weight_decay": decay})
    head = [*model.head.parameters(), model.film_scale, model.film_bias]
    groups.append({"params": head, "lr": settings.head_rate, "peak": settings.head_rate, "weight_decay": 0.0})
    return groups


def rate_factor(progress: float, warm_up: float) -> float:
    """Rise linearly during warm-up, then fall linearly to zero at progress 1."""
    if progress < warm_up:
        return progress / warm_up
    return max(0.0, (1 - progress) / (1 - warm_up))


def epoch_batches(
    tokenizer: object, rows: Rows, film: Rows, taught: dict[str, Tensor], settings: Settings, epoch: int
) -> Iterator[Batch]:
    """Yield the batches of one epoch, always the same for a seed: all of GoEmotions and a share of the film lines."""
    rng = random.Random(settings.seed * 1000 + epoch)  # noqa: S311  (repeatable, not secret)
    order = random.Random(settings.seed).sample(range(len(film)), len(film))  # noqa: S311
    first = epoch * settings.film_rows
    chosen = [order[number % len(film)] for number in range(first, first + settings.film_rows)]
    share = Rows([film.texts[row] for row in chosen], {key: value[chosen] for key, value in film.targets.items()})
    plans = []
    for source in (rows, share):
        texts = [replace_masks(text, rng) for text in source.texts]
        ids = [encoding.ids for encoding in tokenizer.encode_batch(texts)]  # type: ignore[attr-defined]
        plans += [(source, ids, batch) for batch in length_batches([len(row) for row in ids], settings.batch_rows, rng)]
    rng.shuffle(plans)
    for source, ids, batch in plans:
        padded, mask = pad([ids[row] for row in batch])
        targets = {key: torch.from_numpy(value[batch]) for key, value in source.targets.items()}
        soft = {key: value[batch] for key, value in taught.items()} if source is rows else {}
        yield Batch(torch.from_numpy(padded), torch.from_numpy(mask), targets, soft)


def batch_loss(model: EmotionModel, batch: Batch, weights: dict[str, Tensor], settings: Settings) -> Tensor:
    """Sum binary cross-entropy over all labels that the batch's source has; scalar."""
    logits = dict(zip(HEADS, model(batch.ids, batch.mask), strict=True))
    share = 1.0
    if set(batch.targets) == {"ekman"}:
        logits["ekman"], share = model.film_logits(logits["ekman"]), settings.film_weight
    entropy = functools.partial(functional.binary_cross_entropy_with_logits, reduction="sum")
    loss = sum_of(entropy(logits[name], target, pos_weight=weights[name]) for name, target in batch.targets.items())
    if batch.taught:
        soft = sum_of(entropy(logits[name], target) for name, target in batch.taught.items())
        loss = torch.lerp(loss, soft, settings.teacher_share)
    return share * loss / (len(batch.ids) * HEADS["goemotions"])


def sum_of(losses: Iterable[Tensor]) -> Tensor:
    """Return the sum of scalars."""
    return torch.stack(list(losses)).sum()


def read_teacher(file: str) -> dict[str, Tensor]:
    """Return the probabilities that teach.py kept, [rows, labels] of each label set; of no file none."""
    if not file:
        return {}
    with np.load(file) as logits:
        return {head: torch.sigmoid(torch.from_numpy(logits[head])) for head in HEADS}


class Trainer:
    """One run: model, optimiser, averaged weights, and the files they are kept in."""

    def __init__(self, data: Path, base: Path, out: Path, settings: Settings) -> None:
        """Load data and base weights, or the state of a stopped run found in `out`."""
        torch.manual_seed(settings.seed)
        self.settings, self.out, self.state = settings, out, State()
        self.tokenizer = build_tokenizer(base)
        self.film, rows = read_xed(data / "xed-en"), read_goemotions(data / "goemotions", "train")
        self.rows = Rows(rows.texts, {name: rows.targets[name] for name in HEADS})
        self.taught = read_teacher(settings.teacher)
        self.weights = {name: positive_weights(target) for name, target in self.rows.targets.items()}
        self.model = EmotionModel()
        load_base(self.model, base / "model.safetensors")
        rates = np.concatenate([self.rows.targets[name].mean(axis=0) for name in HEADS])
        self.model.head.bias.data = torch.from_numpy(np.log(rates / (1 - rates)).astype(np.float32))
        self.optimiser = torch.optim.AdamW(parameter_groups(self.model, settings), betas=(0.9, 0.98), fused=True)
        self.average = {name: value.clone() for name, value in self.model.state_dict().items()}
        film_batches = -(-settings.film_rows // settings.batch_rows)
        self.epoch_steps = -(-len(self.rows) // settings.batch_rows) + film_batches
        self._resume()

    @property
    def progress(self) -> float:
        """How far the run is, 0 to 1, by steps or by the minutes that it may take, whichever is further."""
        by_steps = self.state.step / (self.epoch_steps * self.settings.epochs)
        by_time = self.state.seconds / (60 * self.settings.minutes) if self.settings.minutes else 0.0
        return min(1.0, max(by_steps, by_time))

    def run(self) -> None:
        """Train to the end, keeping the averaged weights of every epoch as `epoch-N.pt` and the last as `final.pt`."""
        for epoch in range(self.state.step // self.epoch_steps, self.settings.epochs):
            done = self.state.step - epoch * self.epoch_steps
            self._epoch(epoch, done)
            torch.save(self.average, self.out / f"epoch-{epoch + 1}.pt")
            self._save()
            if self.progress >= 1:
                break
        torch.save(self.average, self.out / "final.pt")

    def _epoch(self, epoch: int, done: int) -> None:
        losses: list[float] = []
        batches = epoch_batches(self.tokenizer, self.rows, self.film, self.taught, self.settings, epoch)
        for number, batch in enumerate(batches):
            if number < done or self.progress >= 1:
                continue
            started = time.monotonic()
            losses.append(self._step(batch))
            self.state.seconds += time.monotonic() - started
            if self.state.step % LOG_EVERY_STEPS == 0:
                self._log(epoch, losses)
                losses.clear()
            if self.state.step % SAVE_EVERY_STEPS == 0:
                self._save()

    def _step(self, batch: Batch) -> float:
        factor = rate_factor(self.progress, self.settings.warm_up)
        for group in self.optimiser.param_groups:
            group["lr"] = group["peak"] * factor
        loss = batch_loss(self.model, batch, self.weights, self.settings)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for p in self.model.parameters() if p.requires_grad], 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.state.step += 1
        if self.state.step % AVERAGE_EVERY_STEPS == 0:
            self._average()
        return float(loss.detach())

    def _average(self) -> None:
        decay = min(self.settings.average_decay, 1 - 1 / (1 + self.state.step / AVERAGE_EVERY_STEPS))
        for name, value in self.model.named_parameters():
            if value.requires_grad:
                self.average[name].lerp_(value.detach(), 1 - decay)

    def _log(self, epoch: int, losses: list[float]) -> None:
        loss = float(np.mean(losses))
        left = self.state.seconds / max(self.progress, 1e-9) * (1 - self.progress) / 60
        record = {"step": self.state.step, "epoch": epoch + 1, "loss": round(loss, 5)}
        with (self.out / "steps.jsonl").open("a") as file:
            file.write(json.dumps(record | {"seconds": round(self.state.seconds, 1)}) + "\n")
        bar = "#" * int(20 * self.progress)
        pace = self.state.seconds / self.state.step
        sys.stdout.write(f"[{bar:<20}] {record} {pace:.3f} s/step {left:.1f} min left\n")
        sys.stdout.flush()

    def _save(self) -> None:
        temporary = self.out / "state.tmp"
        torch.save(
            {
                "model": self.model.state_dict(),
                "optimiser": self.optimiser.state_dict(),
                "average": self.average,
                "state": asdict(self.state),
            },
            temporary,
        )
        temporary.replace(self.out / "state.pt")

    def _resume(self) -> None:
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "settings.json").write_text(json.dumps(asdict(self.settings), indent=1))
        if not (self.out / "state.pt").exists():
            return
        saved = torch.load(self.out / "state.pt", weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.optimiser.load_state_dict(saved["optimiser"])
        self.average, self.state = saved["average"], State(**saved["state"])


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder that holds goemotions/ and xed-en/")
    parser.add_argument("out", type=Path, help="folder for weights and logs")
    parser.add_argument(
        "--base", type=Path, required=True, help="folder with the base model.safetensors, tokenizer.json"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=0.0, help="end by then, with the rate fallen to zero")
    parser.add_argument("--teacher", default="", help="file of teach.py: learn from other models beside the labels")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    settings = Settings(
        seed=arguments.seed, epochs=arguments.epochs, minutes=arguments.minutes, teacher=arguments.teacher
    )
    Trainer(arguments.data, arguments.base, arguments.out, settings).run()


if __name__ == "__main__":
    main()
