"""What a keyword model's manifest says, checked."""

from typing import Annotated, Any

import numpy as np
import orjson
import pydantic.dataclasses
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from services.keywords.engine import SILENCE, UNKNOWN, Thresholds
from services.keywords.features import KINDS, Features
from shared.problems import Json, ModelCorrupt
from shared.store import Manifest, Parameters

LONGEST_WINDOW_SECONDS = 10.0

Score = Annotated[float, Field(ge=0, le=1)]


class _Thresholds(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    clip: Score
    stream: Score


class KeywordParameters(Parameters):
    """The `parameters` of a keyword model, as its training writes them."""

    features: dict[str, Json]
    """`kind` and the fields of that kind."""
    thresholds: _Thresholds
    enrolment: dict[str, Json] | None = None
    """For models that words of a caller's own may be added to."""


def labels_of(manifest: Manifest) -> tuple[str, ...]:
    """Return the names of the model's scores, in order. Raises ModelCorrupt."""
    labels = tuple(manifest.labels.get("keyword", ()))
    if len(set(labels)) < len(labels) or not set(labels) - {UNKNOWN, SILENCE}:
        raise ModelCorrupt("The keyword model's manifest has no usable labels.")
    return labels


def thresholds_of(parameters: KeywordParameters) -> Thresholds:
    """Return the thresholds."""
    return Thresholds(parameters.thresholds.clip, parameters.thresholds.stream)


def features_of(manifest: Manifest, fields: dict[str, Json]) -> Features:
    """Return the features that `fields` describe, tried on silence. Raises ModelCorrupt."""
    try:
        features = _checked(KINDS[str(fields.get("kind"))], fields)
        _require_sense(features, manifest)
    except (ArithmeticError, LookupError, ValueError) as error:
        raise ModelCorrupt("The keyword model's manifest has no usable features.") from error
    return features


def _checked(kind: type[Any], fields: dict[str, Json]) -> Features:
    strict = pydantic.dataclasses.dataclass(kind, frozen=True, config=ConfigDict(strict=True, extra="forbid"))
    TypeAdapter(strict).validate_json(orjson.dumps(fields))  # strict models are built from JSON only
    features: Features = kind(**fields)
    return features


def _require_sense(features: Features, manifest: Manifest) -> None:
    if features.sample_rate_hz != manifest.sample_rate_hz:
        raise ValueError("another sample rate than the manifest's")
    if not 0 < features.window_samples <= LONGEST_WINDOW_SECONDS * features.sample_rate_hz or features.step_samples < 1:
        raise ValueError("windows of an impossible length")
    silence = np.zeros(features.window_samples, np.float32)
    if min(features.shape) < 1 or features.pictures(silence).shape != (1, *features.shape):
        raise ValueError("pictures of another shape than they should have")
