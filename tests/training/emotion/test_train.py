"""The parts of the training loop that can be wrong without a loss showing it."""

import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")
tokenizers = pytest.importorskip("tokenizers")

from training.emotion.data import read_goemotions, read_xed  # noqa: E402
from training.emotion.model import HEADS, EmotionModel  # noqa: E402
from training.emotion.train import (  # noqa: E402
    Batch,
    Settings,
    batch_loss,
    epoch_batches,
    parameter_groups,
    positive_weights,
    rate_factor,
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """Small tensors are faster on one thread, above all on a busy machine."""
    torch.set_num_threads(1)


@pytest.fixture
def tokenizer() -> object:
    """Letters as tokens, so that lengths are known."""
    letters = {letter: number for number, letter in enumerate("[UNK] abcdefghijklmnopqrstuvwxyz")}
    found = tokenizers.Tokenizer(tokenizers.models.WordLevel(letters | {"[UNK]": 30}, unk_token="[UNK]"))
    found.pre_tokenizer = tokenizers.pre_tokenizers.Split("", "isolated")
    return found


def test_rate_rises_then_falls_to_zero() -> None:
    factors = [rate_factor(progress, 0.1) for progress in (0.0, 0.05, 0.1, 0.55, 1.0)]
    assert factors == pytest.approx([0, 0.5, 1, 0.5, 0])


def test_rare_labels_weigh_more_within_limits() -> None:
    rates = np.zeros((1000, 3), dtype=np.float32)
    rates[:500, 0], rates[:20, 1], rates[:1, 2] = 1, 1, 1
    assert positive_weights(rates).tolist() == pytest.approx([1, 2.5**0.5, 5])


def test_embeddings_are_frozen_and_lower_layers_learn_less() -> None:
    model = EmotionModel(width=16, layers=3, heads=2, vocabulary=20)
    groups = parameter_groups(model, Settings())
    assert not model.words.weight.requires_grad
    rates = [group["lr"] for group in groups]
    assert rates[:-1] == sorted(rates[:-1], reverse=True)
    learned = {id(value) for group in groups for value in group["params"]}
    assert learned == {id(value) for value in model.parameters() if value.requires_grad}


class TestEpochBatches:
    """An epoch is all of GoEmotions and a share of the film lines, repeatable."""

    def batches(self, data_folder: Path, tokenizer: object, epoch: int) -> list[object]:
        rows = read_goemotions(data_folder / "goemotions", "train")
        film = read_xed(data_folder / "xed-en")
        return list(epoch_batches(tokenizer, rows, film, {}, Settings(batch_rows=3, film_rows=2), epoch))

    def test_rows_of_both_sources(self, data_folder: Path, tokenizer: object) -> None:
        found = self.batches(data_folder, tokenizer, 0)
        sizes = {"film": 0, "comments": 0}
        for batch in found:
            sizes["film" if set(batch.targets) == {"ekman"} else "comments"] += len(batch.ids)
        assert sizes == {"film": 2, "comments": 4}

    def test_same_seed_same_epoch(self, data_folder: Path, tokenizer: object) -> None:
        pair = [self.batches(data_folder, tokenizer, 1) for _ in range(2)]
        assert all(torch.equal(one.ids, other.ids) for one, other in zip(*pair, strict=True))


def test_a_few_steps_learn_a_rule(data_folder: Path) -> None:
    torch.manual_seed(0)
    model = EmotionModel(width=16, layers=1, heads=2, vocabulary=20, dropout=0.0)
    rows = read_goemotions(data_folder / "goemotions", "train")
    targets = {name: torch.from_numpy(rows.targets[name]) for name in ("goemotions", "ekman", "sentiment", "grouping")}
    ids = torch.tensor([[random.Random(row).randint(1, 19) for _ in range(4)] for row in range(4)])
    weights = {name: torch.ones(target.shape[1]) for name, target in targets.items()}
    batch = Batch(ids, torch.ones_like(ids), targets, {})
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    losses = []
    for _ in range(40):
        loss = batch_loss(model, batch, weights, Settings())
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_a_teacher_draws_the_student_to_what_it_says() -> None:
    torch.manual_seed(0)
    model = EmotionModel(width=16, layers=1, heads=2, vocabulary=20, dropout=0.0)
    ids = torch.tensor([[1, 2, 3]])
    targets = {name: torch.zeros(1, count) for name, count in HEADS.items()}
    taught = {name: torch.full((1, count), 0.7) for name, count in HEADS.items()}
    weights = {name: torch.ones(count) for name, count in HEADS.items()}
    optimiser = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(60):
        optimiser.zero_grad()
        batch_loss(model, Batch(ids, torch.ones_like(ids), targets, taught), weights, Settings()).backward()
        optimiser.step()
    with torch.no_grad():
        said = torch.sigmoid(model(ids, torch.ones_like(ids))[0]).mean().item()
    share = Settings().teacher_share
    assert said == pytest.approx(0.7 * share, abs=0.05)  # the labels say 0
