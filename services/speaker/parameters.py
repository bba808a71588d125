"""What a speaker model's manifest says, checked."""

from typing import Annotated, Any, Final, TypeVar

import numpy as np
import orjson
import pydantic.dataclasses
from pydantic import ConfigDict, Field, TypeAdapter

from services.speaker.calibration import AgeCalibration, Calibration, GenderCalibration
from services.speaker.engine import Task
from services.speaker.features import VoiceFeatures
from services.speaker.mel import MelMean
from services.speaker.windows import STEP_FRAMES, Cut
from shared.problems import Json, ModelCorrupt
from shared.store import Manifest, Parameters

SAMPLE_RATE_HZ: Final = 16_000
"""Of all models: a recording is decoded once for those of both tasks."""
LONGEST_WINDOW_FRAMES: Final = 1_000
MOST_BINS: Final = 512
KINDS: Final[dict[str, type[Calibration]]] = {"speaker-gender": GenderCalibration, "speaker-age": AgeCalibration}

T = TypeVar("T")


class SpeakerParameters(Parameters):
    """The `parameters` of a speaker model, as its training writes them."""

    features: dict[str, Json]
    """The fields of `VoiceFeatures` that are not as usual."""
    window_frames: Annotated[int, Field(ge=STEP_FRAMES, le=LONGEST_WINDOW_FRAMES, multiple_of=STEP_FRAMES)]
    calibration: dict[str, Json]
    """The fields of `GenderCalibration` or `AgeCalibration`."""


class MelParameters(SpeakerParameters):
    """Those of a network on mean mel power."""

    mel: dict[str, Json]
    """The fields of `MelMean` that are not as usual."""


def calibration_of(manifest: Manifest, parameters: SpeakerParameters, task: Task) -> Calibration:
    """Return what answers are worth. Raises ModelCorrupt, for a model of another task too."""
    if manifest.task != task:
        raise ModelCorrupt(f"Model {manifest.name} is for the task {manifest.task}, not for {task}.")
    try:
        return _checked(KINDS[task], parameters.calibration)
    except ValueError as error:
        raise ModelCorrupt(f"The manifest of model {manifest.name} has no usable calibration.") from error


def cut_of(manifest: Manifest, parameters: SpeakerParameters, kind: type[VoiceFeatures] = VoiceFeatures) -> Cut:
    """Return how the model wants sound cut, tried on silence. Raises ModelCorrupt."""
    try:
        cut = Cut(_checked(kind, parameters.features), parameters.window_frames)
        _require_sense(cut, manifest)
    except (ArithmeticError, LookupError, ValueError) as error:
        raise ModelCorrupt(f"The manifest of model {manifest.name} has no usable features.") from error
    return cut


def mel_of(manifest: Manifest, parameters: MelParameters) -> MelMean:
    """Return what such a network takes. Raises ModelCorrupt."""
    try:
        mel = _checked(MelMean, parameters.mel)
        if not 8_000 <= mel.sample_rate_hz <= 48_000 or not 1 <= mel.bands <= MOST_BINS:
            raise ValueError("an unusual sample rate, or too many bands or none")
        if not 0 < mel.hop_samples <= mel.frame_samples <= mel.sample_rate_hz:
            raise ValueError("frames of an impossible length")
    except (ArithmeticError, ValueError) as error:
        raise ModelCorrupt(f"The manifest of model {manifest.name} has no usable mel spectrogram.") from error
    return mel


def _checked(kind: type[T], fields: dict[str, Json]) -> T:
    strict: Any = pydantic.dataclasses.dataclass(kind, frozen=True, config=ConfigDict(strict=True, extra="forbid"))
    checked = TypeAdapter(strict).validate_json(orjson.dumps(fields))  # strict models are built from JSON only
    return kind(**{name: getattr(checked, name) for name in kind.__dataclass_fields__})  # type: ignore[attr-defined]


def _require_sense(cut: Cut, manifest: Manifest) -> None:
    features = cut.features
    if not features.sample_rate_hz == manifest.sample_rate_hz == SAMPLE_RATE_HZ:
        raise ValueError("another sample rate than the manifest's or ours")
    if not 0 < features.step_samples <= features.frame_samples <= features.sample_rate_hz:
        raise ValueError("frames of an impossible length")
    if not (1 <= features.bands <= MOST_BINS and 1 <= features.periods <= MOST_BINS):
        raise ValueError("too many bands or periods, or none")
    frames = features.frames(np.zeros(cut.window_samples, np.float32))
    if frames.shape != (cut.window_frames, features.bins) or not np.isfinite(frames).all():
        raise ValueError("frames of another shape than they should have")
