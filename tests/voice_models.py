"""Tiny trained voices, written by hand: each way of speaking is a tone, so that it can be heard who spoke."""

from collections.abc import Sequence
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import numpy as np

from shared.audio import Sound
from shared.store import ModelStore
from tests.onnx_graphs import integer, model, node, value

RATE_HZ, HOP = 16_000, 320
STEP_HZ = RATE_HZ // HOP
"""Tones are multiples of this, so that they run on from hop to hop."""
CONSENT = {"speaker": "Alice Example", "basis": "signed statement", "given_on": "2026-01-31", "record": "safe 7"}
_FLOAT, _INT = 1, 7
_MOST_TIMES = 5


def publish(folder: Path, store: ModelStore, name: str, version: str, *tones_hz: float, **changes: Any) -> None:
    """Publish a model whose speakers are those tones; `changes` replace members of its manifest."""
    store.publish(write_model(folder / f"{name}-{version}", *tones_hz), name, version, {**facts(name), **changes})


def write_model(folder: Path, *tones_hz: float) -> Path:
    """Write model.onnx into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(onnx_bytes(tones_hz))
    return folder


def facts(voice: str = "alice") -> dict[str, Any]:
    """Return a manifest's members: one voice, in its usual way."""
    return {
        "task": "speech-synthesis",
        "engine": "vits",
        "licence": "CC0-1.0",
        "sample_rate_hz": RATE_HZ,
        "languages": ["en-us"],
        "voices": [{"voice": voice}],
        "consent": CONSENT,
        "parameters": {"front_end": front_end(), "gender": "female", "display_name": voice.title()},
    }


def front_end(**changes: object) -> dict[str, Any]:
    """Return the symbols of the letters, in Piper's layout."""
    symbols = {symbol: [index] for index, symbol in enumerate(["_", "^", "$", " ", ".", *ascii_lowercase])}
    told = {"phonemizer": "characters", "language": "en-us", "symbols": symbols}
    return {**told, "blank": "_", "start": "^", "end": "$", **changes}


def onnx_bytes(tones_hz: Sequence[float]) -> bytes:
    """Return a network in the form of a VITS export: of each id, a hop of its speaker's tone, as long as asked for."""
    seconds = np.arange(_MOST_TIMES * HOP) / RATE_HZ
    table = np.stack([0.3 * np.sin(2 * np.pi * hz * seconds) for hz in tones_hz]).astype(np.float32)
    nodes = [
        node("Cast", ["input"], ["ids"], integer("to", _FLOAT)),
        node("Mul", ["ids", "zero"], ["zeros"]),
        node("Add", ["zeros", "one"], ["ones"]),
        node("Reshape", ["ones", "column"], ["rows"]),
        node("Slice", ["scales", "first", "second", "nothing"], ["length"]),
        node("Mul", ["length", "hop"], ["long"]),
        node("Cast", ["long"], ["samples"], integer("to", _INT)),
        node("Gather", ["table", "sid"], ["longest"]),
        node("Slice", ["longest", "nothing", "samples", "first"], ["tone"]),
        node("MatMul", ["rows", "tone"], ["hops"]),
        node("Reshape", ["hops", "flat"], ["output"]),
    ]
    constants: dict[str, Any] = {
        "table": table,
        "zero": np.zeros(1, np.float32),
        "one": np.ones(1, np.float32),
        "hop": np.full(1, HOP, np.float32),
        **{name: np.array([index]) for index, name in enumerate(("nothing", "first", "second"))},
        "column": np.array([1, -1, 1]),
        "flat": np.array([1, -1]),
    }
    inputs = [
        value("input", [1, "n"], "int64"),
        value("input_lengths", [1], "int64"),
        value("scales", [3]),
        value("sid", [1], "int64"),
    ]
    return model(nodes, constants, inputs, [value("output", [1, "length_of_all"])])


def tone_of(sound: Sound) -> float:
    """Return the loudest frequency, in Hz."""
    spectrum = np.abs(np.fft.rfft(sound.samples))
    return float(np.argmax(spectrum) * sound.sample_rate_hz / len(sound.samples))
