"""The served model's groups agree with the labels that they are made of."""

import math

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors")

from training.emotion.model import HEADS, ConsistentModel  # noqa: E402


class Fixed(torch.nn.Module):
    """Says the same logits for any text: one label certain, all others out of the question, own groups undecided."""

    def __init__(self, certain: int) -> None:
        super().__init__()
        self.certain = certain

    def forward(self, input_ids: object, attention_mask: object) -> tuple[object, ...]:
        logits = {name: torch.zeros(1, count) for name, count in HEADS.items()}
        logits["goemotions"] = torch.full((1, 28), -9.0)
        logits["goemotions"][0, self.certain] = 4.0
        return tuple(logits.values())


def served(certain: int) -> dict[str, list[float]]:
    """Return the served logits by head, with ekman groups of the labels 0-1, 2, 3, ..., 6 and 7."""
    model = ConsistentModel(Fixed(certain), {"ekman": [[0, 1], [2], [3], [4], [5], [6], [7]]})
    found = model(None, None)
    return {name: values[0].tolist() for name, values in zip(HEADS, found, strict=True)}


def test_group_of_a_certain_label_rises_by_half_of_its_log_odds() -> None:
    ekman = served(certain=1)["ekman"]
    assert ekman[0] == pytest.approx(2, abs=0.01)
    assert ekman[1:] == pytest.approx([-4.5] * 6, abs=0.01)


def test_two_labels_make_a_group_likelier_than_one() -> None:
    ekman = served(certain=9)["ekman"]
    assert ekman[0] == pytest.approx((-9 + math.log(2)) / 2, abs=0.01)


def test_other_heads_stay() -> None:
    found = served(certain=0)
    assert found["sentiment"] == [0, 0, 0]
    assert found["goemotions"][0] == 4
