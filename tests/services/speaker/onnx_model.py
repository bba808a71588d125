"""Tiny speaker models on onnxruntime, written by hand: tones stand for a woman, a man, and several people at once."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.speaker.features import VoiceFeatures
from shared.audio import Sound
from tests.onnx_graphs import integer, integers, node, tensor, value
from tests.shared.store.onnx_models import field
from tests.sounds import RATE_HZ

FEATURES, WINDOW_FRAMES = VoiceFeatures(), 160
STEPS, FIRST_YEAR, LAST_YEAR = WINDOW_FRAMES // 2, 10, 90
WOMAN_HZ, MAN_HZ, SEVERAL_HZ = 800.0, 300.0, 6_000.0
_SPREAD_YEARS = 5.0
_COMMON = {"least_speech_seconds": 1.0, "most_several": 0.5, "temperature": 1.0}
CALIBRATIONS: dict[str, dict[str, Any]] = {
    "speaker-gender": {**_COMMON, "least_score": 0.8, "sure_score": 0.9, "most_disagreement": 0.2},
    "speaker-age": {**_COMMON, "years": [10, 90], "interval_widening_years": 1.0, "most_interval_years": 40.0},
}


def tone(*hz: float, seconds: float = 3.0) -> Sound:
    """Return tones together."""
    time = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    waves = [np.sin(2 * np.pi * one * time) for one in hz] or [0 * time]
    return Sound((0.2 * np.sum(waves, axis=0)).astype(np.float32), RATE_HZ)


def write_model(folder: Path, task: str = "speaker-gender", **changes: object) -> Path:
    """Write model.onnx and a manifest for the store to complete; `changes` replace members of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx_bytes(task))
    (folder / "manifest.json").write_text(json.dumps({**facts(task), **changes}))
    return folder


def facts(task: str = "speaker-gender") -> dict[str, Any]:
    """Return the manifest's members."""
    parameters = {"features": {}, "window_frames": WINDOW_FRAMES, "calibration": CALIBRATIONS[task]}
    return {"task": task, "engine": "onnx", "licence": "CC0", "sample_rate_hz": RATE_HZ, "parameters": parameters}


def onnx_bytes(task: str = "speaker-gender", steps: int = STEPS) -> bytes:
    """Return the model: speech is what is not silent, the rest is linear in the mean of the frames."""
    is_age = task == "speaker-age"
    weights, bias = _age() if is_age else (_voice(), np.zeros(1, np.float32))
    last = node("Softmax", ["voice"], ["age"], integer("axis", 1)) if is_age else _flat("voice", "gender")
    nodes = [
        node("Reshape", ["frames", "by_step"], ["steps"]),
        *_likely("steps", "loud", "quiet", "speech_column"),
        node("Reshape", ["speech_column", "of_steps"], ["speech"]),
        node("ReduceMean", ["frames"], ["mean"], integers("axes", [1]), integer("keepdims", 0)),
        *_likely("mean", "high", "no_high", "several_column"),
        _flat("several_column", "several"),
        node("MatMul", ["mean", "weights"], ["weighed"]),
        node("Add", ["weighed", "bias"], ["voice"]),
        last,
    ]
    loud, high = np.zeros((2, FEATURES.bins), np.float32), np.zeros((FEATURES.bins, 1), np.float32)
    loud[:, : FEATURES.bands] = 10 / FEATURES.bands
    high[_band(SEVERAL_HZ)] = 1
    constants: dict[str, NDArray[Any]] = {
        "by_step": np.array([-1, steps, 2 * FEATURES.bins]),
        "of_steps": np.array([-1, steps]),
        "one": np.array([-1]),
        **{"loud": loud.reshape(-1, 1), "quiet": np.array([223], np.float32)},
        **{"high": high, "no_high": np.array([6], np.float32)},
        **{"weights": weights, "bias": bias},
    }
    outputs: dict[str, list[int | str]] = {"speech": ["n", steps], "several": ["n"]}
    outputs |= {"age": ["n", len(bias)]} if is_age else {"gender": ["n"]}
    graph = b"".join(
        [
            *(field(1, one) for one in nodes),
            field(2, "speaker"),
            *(field(5, tensor(name, values)) for name, values in constants.items()),
            field(11, value("frames", ["n", WINDOW_FRAMES, FEATURES.bins])),
            *(field(12, value(name, shape)) for name, shape in outputs.items()),
        ]
    )
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 17))


def _likely(source: str, weights: str, bias: str, name: str) -> list[bytes]:
    return [
        node("MatMul", [source, weights], [f"{name}_weighed"]),
        node("Add", [f"{name}_weighed", bias], [f"{name}_logit"]),
        node("Sigmoid", [f"{name}_logit"], [name]),
    ]


def _flat(source: str, name: str) -> bytes:
    return node("Reshape", [source, "one"], [name])


def _voice() -> NDArray[np.float32]:
    weights = np.zeros((FEATURES.bins, 1), np.float32)
    weights[_band(WOMAN_HZ)], weights[_band(MAN_HZ)] = 0.5, -0.5
    return weights


def _age() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what makes a woman about 35 and a man about 55 years old."""
    years = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    steepness = years / _SPREAD_YEARS**2
    return (
        (_voice() * -2 @ steepness[None]).astype(np.float32),
        (45 * steepness - np.square(years / _SPREAD_YEARS) / 2).astype(np.float32),
    )


def _band(hz: float) -> int:
    return int(FEATURES.frames(tone(hz, seconds=0.1).samples)[0, : FEATURES.bands].argmax())
