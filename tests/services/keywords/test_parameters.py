"""What a manifest may say, and what makes it a broken one."""

from typing import Any

import pytest

from services.keywords.engine import Thresholds
from services.keywords.features import LogMel
from services.keywords.parameters import KeywordParameters, features_of, labels_of, thresholds_of
from shared.problems import ModelCorrupt
from shared.store import Manifest
from tests.services.keywords.onnx_model import facts

LOG_MEL = {"kind": "log-mel"}


def manifest(**changes: Any) -> Manifest:
    file = {"sha256": "0" * 64, "size_bytes": 1}
    return Manifest(name="keywords", version="1", files={"model.onnx": file}, **{**facts(), **changes})


def test_a_whole_manifest() -> None:
    whole = manifest()
    parameters = KeywordParameters.of(whole)
    assert thresholds_of(parameters) == Thresholds(clip=0.5, stream=0.6)
    assert features_of(whole, parameters.features) == LogMel()
    assert labels_of(whole)[-2:] == ("unknown", "silence")


def test_features_have_the_fields_that_are_said() -> None:
    said = {**LOG_MEL, "bands": 64, "lowest_hz": 60, "window_samples": 8_000}
    assert features_of(manifest(), said) == LogMel(bands=64, lowest_hz=60.0, window_samples=8_000)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"features": LOG_MEL},
        {"features": LOG_MEL, "thresholds": {"clip": 0.5}},
        {"features": LOG_MEL, "thresholds": {"clip": 0.5, "stream": 1.5}},
        {"features": LOG_MEL, "thresholds": {"clip": "0.5", "stream": 0.5}},
        {"features": LOG_MEL, "thresholds": {"clip": 0.5, "stream": 0.5}, "surprise": 1},
        {"features": "log-mel", "thresholds": {"clip": 0.5, "stream": 0.5}},
    ],
)
def test_broken_parameters(parameters: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        KeywordParameters.of(manifest(parameters=parameters))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"kind": "wavelet"},
        {"kind": ["log-mel"]},
        {**LOG_MEL, "bins": 40},
        {**LOG_MEL, "bands": "40"},
        {**LOG_MEL, "bands": 40.5},
        {**LOG_MEL, "bands": 0},
        {**LOG_MEL, "bands": -1},
        {**LOG_MEL, "step_samples": 0},
        {**LOG_MEL, "step_samples": -160},
        {**LOG_MEL, "frame_samples": 0},
        {**LOG_MEL, "frame_samples": 32_000},
        {**LOG_MEL, "window_samples": 0},
        {**LOG_MEL, "window_samples": 10**12},
        {**LOG_MEL, "sample_rate_hz": 8_000},
    ],
)
def test_broken_features(fields: dict[str, Any]) -> None:
    with pytest.raises(ModelCorrupt):
        features_of(manifest(), fields)


@pytest.mark.parametrize("labels", [{}, {"words": ["yes"]}, {"keyword": ["unknown"]}, {"keyword": ["yes", "yes"]}])
def test_broken_labels(labels: dict[str, list[str]]) -> None:
    with pytest.raises(ModelCorrupt):
        labels_of(manifest(labels=labels))
