"""What the outputs of somebody else's network stand for, by the labels that its owner names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from services.speaker.engine import Task
from shared.age_groups import END_YEARS
from training.shared.keras_layers import UnsafeModel
from training.speaker.targets import FEMALE, MALE, years_within

Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Scores:
    """Scores of a gender, of both, or of age groups, and how they become what the service hears."""

    task: Task
    activation: str
    """Of the network's last layer."""
    weights: Numbers
    """By which the outputs are multiplied: [outputs] the logits, to that of a female voice; [outputs, years] the
    probabilities of groups, to those of years."""

    @property
    def are_taken_as_logits(self) -> bool:
        """Whether the last activation is left out: where it is sure, nothing is left to weigh."""
        return self.task == "speaker-gender"


_GENDERS: Final[dict[tuple[str, ...], tuple[str, list[float]]]] = {
    (MALE,): ("sigmoid", [-1]),
    (FEMALE,): ("sigmoid", [1]),
    (FEMALE, MALE): ("softmax", [1, -1]),
    (MALE, FEMALE): ("softmax", [-1, 1]),
}


def scores_of(labels: Sequence[str]) -> Scores:
    """Return what is scored under these labels, in the order of the network's outputs. Raises UnsafeModel."""
    if tuple(labels) in _GENDERS:
        activation, weights = _GENDERS[tuple(labels)]
        return Scores("speaker-gender", activation, np.array(weights, np.float32))
    if len(labels) < 2 or len(set(labels)) < len(labels) or not set(labels) <= END_YEARS.keys():
        raise UnsafeModel(f"Labels are male, female, both, or several of: {', '.join(END_YEARS)}.")
    years = np.stack([years_within(label) for label in labels])
    return Scores("speaker-age", "softmax", years / years.sum(axis=1, keepdims=True))
