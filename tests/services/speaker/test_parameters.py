"""What a manifest may say, and what makes it a broken one."""

from typing import Any

import pytest

from services.speaker.calibration import AgeCalibration, GenderCalibration
from services.speaker.engine import Task
from services.speaker.features import VoiceFeatures
from services.speaker.parameters import SpeakerParameters, calibration_of, cut_of
from services.speaker.windows import Cut
from shared.problems import ModelCorrupt
from shared.store import Manifest
from tests.services.speaker.onnx_model import facts


def manifest(task: str = "speaker-gender", **changes: Any) -> Manifest:
    file = {"sha256": "0" * 64, "size_bytes": 1}
    return Manifest(name="voice", version="1", files={"model.onnx": file}, **{**facts(task), **changes})


def with_parameters(task: str = "speaker-gender", **changes: Any) -> Manifest:
    return manifest(task, parameters={**facts(task)["parameters"], **changes})


def test_whole_manifests() -> None:
    gender, age = manifest(), manifest("speaker-age")
    parameters = SpeakerParameters.of(gender)
    assert cut_of(gender, parameters) == Cut(VoiceFeatures(), 160)
    found = calibration_of(gender, parameters, "speaker-gender")
    assert isinstance(found, GenderCalibration)
    assert found.least_score == 0.8
    years = calibration_of(age, SpeakerParameters.of(age), "speaker-age")
    assert type(years) is AgeCalibration
    assert years.years == (10, 90)


def test_features_have_the_fields_that_are_said() -> None:
    said = with_parameters(features={"bands": 40, "loudness": 0.1})
    assert cut_of(said, SpeakerParameters.of(said)).features == VoiceFeatures(bands=40, loudness=0.1)


@pytest.mark.parametrize(
    "changes",
    [
        {"window_frames": 161},
        {"window_frames": 0},
        {"window_frames": 10**9},
        {"window_frames": "160"},
        {"surprise": 1},
        {"calibration": None},
    ],
)
def test_broken_parameters(changes: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        SpeakerParameters.of(with_parameters(**changes))


@pytest.mark.parametrize(
    "fields",
    [
        {"bins": 40},
        {"bands": "40"},
        {"bands": 0},
        {"bands": -1},
        {"bands": 10**9},
        {"periods": 0},
        {"periods": 10**9},
        {"step_samples": 0},
        {"step_samples": 2_048},
        {"frame_samples": 0},
        {"frame_samples": 10**9},
        {"lowest_pitch_hz": 0},
        {"sample_rate_hz": 8_000},
    ],
)
def test_broken_features(fields: dict[str, Any]) -> None:
    broken = with_parameters(features=fields)
    with pytest.raises(ModelCorrupt):
        cut_of(broken, SpeakerParameters.of(broken))


@pytest.mark.parametrize(
    ("task", "changes"),
    [
        ("speaker-gender", {"least_score": 0.3}),
        ("speaker-gender", {"temperature": 0}),
        ("speaker-gender", {"temperature": "1"}),
        ("speaker-gender", {"most_several": 2}),
        ("speaker-gender", {"years": [10, 90]}),
        ("speaker-age", {"years": [90, 10]}),
        ("speaker-age", {"years": [10, 121]}),
        ("speaker-age", {"years": [10.5, 90]}),
        ("speaker-age", {"interval_widening_years": -1}),
        ("speaker-age", {"most_interval_years": 0}),
    ],
)
def test_broken_calibrations(task: Task, changes: dict[str, Any]) -> None:
    broken = with_parameters(task, calibration={**facts(task)["parameters"]["calibration"], **changes})
    with pytest.raises(ModelCorrupt):
        calibration_of(broken, SpeakerParameters.of(broken), task)
