"""The folder of an export and that of an evaluation, of a network that is no voice but can be packed like one."""

import json
from pathlib import Path
from typing import Any

from shared.store.verify import sha256_of
from tests.shared.store.onnx_models import model, tensor
from training.voices.evaluate.figures import Change, EmotionFigures, Figures, write_figures

PARAMETERS: dict[str, Any] = {
    "front_end": {
        "phonemizer": "characters",
        "language": "en-us",
        "symbols": {"^": [0], "$": [1], " ": [2], "a": [3], "b": [4]},
        "start": "^",
        "end": "$",
    },
    "hop_seconds": 0.01,
}


def write_network(folder: Path, emotions: tuple[str, ...] = ("neutral",), fill: int = 0) -> Path:
    """Write model.onnx and facts.json as exports do; networks of another `fill` are others."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model(tensor(raw=bytes([fill] * 16))))
    facts = {"engine": "world", "sample_rate_hz": 16_000, "languages": ["en-us"], "parameters": PARAMETERS}
    (folder / "facts.json").write_text(json.dumps({**facts, "emotions": emotions}))
    return folder


def write_evaluation(folder: Path, network: Path, emotion: str | None = None) -> Path:
    """Write figures, a picture and a sound, as an evaluation of that network does."""
    (folder / "samples").mkdir(parents=True, exist_ok=True)
    (folder / "f0.png").write_bytes(b"picture")
    (folder / "samples" / "1-neutral.ogg").write_bytes(b"sound")
    change = Change(f0_semitones=2.0, f0_range_semitones=1.0, level_db=3.0, rate_ratio=1.1, tilt_db=0.5)
    slower = change.model_copy(update={"rate_ratio": 0.9})
    figures = Figures(
        network_sha256=sha256_of(network / "model.onnx"),
        held_out=10,
        compared=9,
        word_error_rate=0.25,
        recordings_word_error_rate=0.2,
        duration_ratio=1.05,
        real_time_factor=0.1,
        emotions={emotion: EmotionFigures(recordings=change, voice=slower)} if emotion else {},
    )
    write_figures(folder, figures)
    return folder
