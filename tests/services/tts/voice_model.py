"""Tiny voices written by hand: each symbol sounds as a tone or vowel of a pitch of its own, for a time of its own."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.tts.styles.world import pyworld
from tests.onnx_graphs import graph, integer, model, node, value

RATE_HZ, HOP_SAMPLES, HOP_SECONDS = 16_000, 160, 0.01
SYMBOLS = "_^$ ,?.abcdefgh"
"""What frames and parts the others lasts no time or is silent; "?" is what no network should say, "." is too loud."""
BROKEN, LOUD = "?", "."
ENDLESS = "b"
"""In a network that has one: what it is never done with."""
TURNS = np.array([1 << 62 if symbol == ENDLESS else 0 for symbol in SYMBOLS])
FRAMES = np.array([0, 2, 2, 4, 10, 4, 4, *range(6, 22, 2)], np.float32)
HZ = np.array([0, 0, 0, 0, 0, np.nan, 250, *range(120, 280, 20)], np.float32)
LEVELS = np.array([1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1], np.float32)
SPEAKER_LEVELS = np.array([1.0, 0.5, 0.25], np.float32)
STYLE_FACTORS = np.array([1.0, 1.5], np.float32)
DIMENSIONS = 60

Constants = dict[str, NDArray[Any]]


def hz_of(symbol: str) -> float:
    """Return the pitch of a symbol."""
    return float(HZ[SYMBOLS.index(symbol)])


def seconds_of(symbol: str) -> float:
    """Return how long a symbol lasts at rate 1."""
    return float(FRAMES[SYMBOLS.index(symbol)]) * HOP_SECONDS


def ids_of(symbols: str) -> list[int]:
    """Return the numbers of symbols."""
    return [SYMBOLS.index(symbol) for symbol in symbols]


def front_end(**changes: object) -> dict[str, Any]:
    """Return the `front_end` of the manifest."""
    symbols = {symbol: [id] for id, symbol in enumerate(SYMBOLS)}
    fields = {"phonemizer": "characters", "language": "en-us", "symbols": symbols, "start": "^", "end": "$"}
    return {**fields, **changes}


def facts(engine: str = "vits", **changes: object) -> dict[str, Any]:
    """Return the manifest's members; `changes` replace some."""
    parameters = {"front_end": front_end(), "gender": "female", "hop_seconds": HOP_SECONDS}
    told = {"task": "speech-synthesis", "engine": engine, "licence": "CC0", "sample_rate_hz": RATE_HZ}
    return {**told, "languages": ["en-us"], "parameters": parameters, **changes}


def ways(*speakers: int | None) -> dict[str, Any]:
    """Return the members of a manifest about one voice's ways of speaking."""
    voices = [
        {"voice": "alice", "emotion": "angry" if number else None, "speaker": speaker}
        for number, speaker in enumerate(speakers)
    ]
    return {"voices": voices, "consent": {"speaker": "Alice", "basis": "made by a formula"}}


def write_voice(folder: Path, engine: str = "vits", contents: bytes | None = None, **changes: object) -> Path:
    """Write model.onnx and a manifest for the store to complete; `changes` replace members of the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(contents or (world_bytes() if engine == "world" else vits_bytes()))
    (folder / "manifest.json").write_text(json.dumps(facts(engine, **changes)))
    return folder


def vits_bytes(
    *, speakers: bool = False, durations: bool = False, rounding: str = "Round", endless: bool = False
) -> bytes:
    """Return a VITS export: tones as loud as `noise_scale`. Those of Piper and Coqui round up ("Ceil")."""
    nodes = [
        node("Gather", ["scales", "second"], ["length"]),
        node("Gather", ["scales", "first"], ["noise"]),
        *_timing("length", "Mul", rounding),
        *_by_frame("hz_table", "hz"),
        *_by_frame("level_table", "level"),
        *_waves(),
        node("Mul", ["waves", "noise"], ["heard"]),
        *([node("Gather", ["speaker_levels", "sid"], ["loudness"])] if speakers else []),
        node("Mul", ["heard", "loudness"], ["sounded"]),
        *(_turns() if endless else [node("Identity", ["sounded"], ["done"])]),
        node("Reshape", ["done", "one_row"], ["output"]),
        node("Reshape", ["frames", "row"], ["durations"]),
    ]
    constants: Constants = {
        **_TIMING_CONSTANTS,
        "first": np.array([0]),
        "second": np.array([1]),
        "hz_table": HZ,
        "level_table": LEVELS,
        "speaker_levels": SPEAKER_LEVELS,
        **({} if speakers else {"loudness": np.ones(1, np.float32)}),
        "one_row": np.array([1, 1, -1]),
        "row": np.array([1, -1]),
        "column": np.array([-1, 1]),
        "ramp": np.arange(HOP_SAMPLES, dtype=np.float32)[None],
        "hop": np.array([HOP_SAMPLES], np.float32),
        "turn": np.array([2 * np.pi / RATE_HZ], np.float32),
        **({"turn_table": TURNS, "yes": np.array(True)} if endless else {}),
    }
    inputs = [value("input", [1, "n"], "int64"), value("input_lengths", [1], "int64"), value("scales", [3])]
    inputs += [value("sid", [1], "int64")] if speakers else []
    outputs = [value("output", [1, 1, "samples"]), *([value("durations", [1, "n"])] if durations else [])]
    return model(nodes, constants, inputs, outputs)


def world_bytes(dimensions: int = DIMENSIONS, seconds: float = HOP_SECONDS) -> bytes:
    """Return a voice of the vocoder: vowels whose pitch goes with their symbol and with the style.

    `seconds` is how long a frame shall seem.
    """
    nodes = [
        node("Gather", ["prosody", "first"], ["rate"]),
        node("Gather", ["prosody", "second"], ["pitch"]),
        node("Gather", ["prosody", "third"], ["pitch_range"]),
        *_timing("rate", "Div"),
        *_by_frame("hz_table", "hz"),
        node("Div", ["hz", "mean_hz"], ["apart"]),
        node("Pow", ["apart", "pitch_range"], ["spread"]),
        node("Gather", ["style_factors", "style"], ["factor"]),
        node("Mul", ["spread", "factor"], ["styled"]),
        node("Mul", ["styled", "pitch"], ["pitched"]),
        node("Mul", ["pitched", "mean_hz"], ["f0_row"]),
        node("Reshape", ["f0_row", "row"], ["f0_hz"]),
        *_by_frame("spectrum_table", "spectrum_rows"),
        node("Unsqueeze", ["spectrum_rows", "first"], ["spectrum"]),
        *_by_frame("aperiodicity_table", "aperiodicity_rows"),
        node("Unsqueeze", ["aperiodicity_rows", "first"], ["aperiodicity"]),
        node("Cast", ["frames"], ["whole"], integer("to", 7)),
        node("Reshape", ["whole", "row"], ["durations"]),
    ]
    constants: Constants = {
        **_TIMING_CONSTANTS,
        **{name: np.array([index]) for index, name in enumerate(["first", "second", "third"])},
        "hz_table": HZ,
        "mean_hz": np.array([hz_of("a")], np.float32),
        "style_factors": STYLE_FACTORS,
        "frame_table": FRAMES * np.float32(seconds / HOP_SECONDS),
        "spectrum_table": _spectra(dimensions),
        "aperiodicity_table": np.full((len(SYMBOLS), pyworld.get_num_aperiodicities(RATE_HZ)), -20, np.float32),
        "row": np.array([1, -1]),
        "column": np.array([-1, 1]),
    }
    inputs = [value("input", [1, "n"], "int64"), value("style", [1], "int64"), value("prosody", [3])]
    bands = pyworld.get_num_aperiodicities(RATE_HZ)
    outputs = [
        value("durations", [1, "n"], "int64"),
        value("f0_hz", [1, "frames"]),
        value("spectrum", [1, "frames", dimensions]),
        value("aperiodicity", [1, "frames", bands]),
    ]
    return model(nodes, constants, inputs, outputs)


_TIMING_CONSTANTS: Constants = {
    "flat": np.array([-1]),
    "frame_table": FRAMES,
    "axis": np.array(0),
    "axes": np.array([1]),
    "zero": np.array(0, np.float32),
    "unit": np.array(1, np.float32),
}


def _timing(factor: str, operation: str, rounding: str = "Round") -> list[bytes]:
    """Count each symbol's frames, and find out which symbol each frame is of."""
    return [
        node("Reshape", ["input", "flat"], ["ids"]),
        node("Gather", ["frame_table", "ids"], ["usual"]),
        node(operation, ["usual", factor], ["wanted"]),
        node(rounding, ["wanted"], ["frames"]),
        node("CumSum", ["frames", "axis"], ["ends"]),
        node("ReduceSum", ["frames"], ["total"], integer("keepdims", 0)),
        node("Range", ["zero", "total", "unit"], ["numbers"]),
        node("Reshape", ["numbers", "column"], ["number_column"]),
        node("LessOrEqual", ["ends", "number_column"], ["is_over"]),
        node("Cast", ["is_over"], ["over"], integer("to", 7)),
        node("ReduceSum", ["over", "axes"], ["place"], integer("keepdims", 0)),
        node("Gather", ["ids", "place"], ["id_of_frame"]),
    ]


def _by_frame(table: str, name: str) -> list[bytes]:
    return [node("Gather", [table, "id_of_frame"], [name])]


def _waves() -> list[bytes]:
    return [
        node("Mul", ["number_column", "hop"], ["begins"]),
        node("Add", ["begins", "ramp"], ["clock"]),
        node("Reshape", ["hz", "column"], ["hz_column"]),
        node("Mul", ["clock", "hz_column"], ["turns"]),
        node("Mul", ["turns", "turn"], ["phase"]),
        node("Sin", ["phase"], ["wave"]),
        node("Reshape", ["level", "column"], ["level_column"]),
        node("Mul", ["wave", "level_column"], ["waves"]),
    ]


def _turns() -> list[bytes]:
    """Give on what was sounded after as many turns as its symbols ask for."""
    given = [value("number", [], "int64"), value("goes_on", [], "bool"), value("before", ["frames", HOP_SAMPLES])]
    told = [value("still", [], "bool"), value("after", ["frames", HOP_SAMPLES])]
    body = [node("Identity", ["goes_on"], ["still"]), node("Identity", ["before"], ["after"])]
    return [
        node("Gather", ["turn_table", "ids"], ["turns_of_ids"]),
        node("ReduceMax", ["turns_of_ids"], ["most_turns"], integer("keepdims", 0)),
        node("Loop", ["most_turns", "yes", "sounded"], ["done"], graph("body", body, given, told)),
    ]


def _spectra(dimensions: int) -> NDArray[np.float32]:
    """Return coded envelopes: a vowel for what has a pitch, silence for the rest."""
    size = pyworld.get_cheaptrick_fft_size(RATE_HZ)
    hz = np.arange(size // 2 + 1) * RATE_HZ / size
    vowel = 1e-3 / (1 + (hz / 500) ** 2)
    powers = np.stack([vowel if pitch > 0 else np.full_like(hz, 1e-12) for pitch in HZ])
    return np.asarray(pyworld.code_spectral_envelope(powers, RATE_HZ, dimensions), np.float32)
