"""From a model's logits to scores that mean what they say, by the parameters in the model's manifest."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from services.sentiment.engine import SENTIMENTS, Decisions, EmotionScores, Scores
from shared.problems import ModelCorrupt

Logits = Mapping[str, NDArray[np.float32]]
Number = Annotated[float, Field(allow_inf_nan=False)]


class Scaling(BaseModel):
    """Probability of a label = sigmoid(scale * logit + bias): a temperature and a bias (Guo et al. 2017)."""

    scale: Number
    bias: dict[str, Number]

    def probabilities(self, logits: NDArray[np.float32]) -> Scores:
        """Return each label's own probability, [n, labels] from [n, labels]."""
        scaled = self.scale * logits.astype(np.float64) + np.array(list(self.bias.values()))
        return np.asarray((1 + np.tanh(scaled / 2)) / 2)


class Decision(BaseModel):
    """Scores that sum to one = softmax(weights @ logits + bias): matrix scaling (Guo et al. 2017)."""

    labels: tuple[str, ...]
    weights: list[list[Number]]
    bias: list[Number]

    @model_validator(mode="after")
    def _fits(self) -> "Decision":
        widths = {len(row) for row in self.weights}
        if not len(self.labels) == len(self.weights) == len(self.bias) or len(widths) != 1:
            raise ValueError("labels, weights and bias must be of one size")
        return self

    def scores(self, logits: NDArray[np.float32]) -> Scores:
        """Return [n, labels] from [n, logits]."""
        scaled = logits.astype(np.float64) @ np.array(self.weights).T + np.array(self.bias)
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


class _Decisions(BaseModel):
    ekman: Decision
    sentiment: Decision


class Calibration(BaseModel):
    """The `parameters` of an emotion model, as training/emotion/calibrate.py fits them on development texts."""

    calibration: dict[str, Scaling]
    thresholds: dict[str, dict[str, Number]]
    decision: _Decisions
    voice_thresholds: dict[str, Number]

    @model_validator(mode="after")
    def _is_complete(self) -> "Calibration":
        if self.decision.sentiment.labels != SENTIMENTS:
            raise ValueError(f"the sentiment decision must have the labels {SENTIMENTS}")
        if set(self.voice_thresholds) != set(self.decision.ekman.labels):
            raise ValueError("voice_thresholds must name the Ekman labels")
        if set(self.thresholds["goemotions"]) != set(self.calibration["goemotions"].bias):
            raise ValueError("thresholds must name the GoEmotions labels")
        return self

    @property
    def decisions(self) -> Decisions:
        """Labels and thresholds."""
        return Decisions(
            labels={
                "ekman": self.decision.ekman.labels,
                "goemotions": tuple(self.calibration["goemotions"].bias),
            },
            thresholds=self.thresholds["goemotions"],
            voice_thresholds=self.voice_thresholds,
        )

    def scores(self, logits: Logits) -> EmotionScores:
        """Return the scores of n texts from logits `ekman` [n, 7], `goemotions` [n, 28] and `sentiment` [n, 3]."""
        return EmotionScores(
            ekman=self.decision.ekman.scores(logits["ekman"]),
            goemotions=self.calibration["goemotions"].probabilities(logits["goemotions"]),
            sentiment=self.decision.sentiment.scores(logits["sentiment"]),
        )


def read_calibration(parameters: object) -> Calibration:
    """Check a manifest's parameters. Raises ModelCorrupt."""
    try:
        return TypeAdapter(Calibration).validate_python(parameters)
    except (ValidationError, KeyError) as error:
        raise ModelCorrupt("The model's manifest has no usable calibration.") from error
