"""Exports that do not tell how long their symbols last, made to."""

import numpy as np
import onnxruntime
import pytest

from services.tts.engines.vits_graph import telling_durations
from tests.services.tts.voice_model import FRAMES, ids_of, vits_bytes, world_bytes


def durations(model: bytes, symbols: str) -> list[float]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    ids = np.array([ids_of(symbols)])
    scales = np.array([0.667, 1.5, 0.8], np.float32)
    _, told = session.run(None, {"input": ids, "input_lengths": np.array([ids.shape[1]]), "scales": scales})
    return list(told.ravel())


def test_exports_of_piper_and_coqui_tell() -> None:
    expected = np.ceil(FRAMES[ids_of("^ab, c$")] * 1.5)
    assert durations(telling_durations(vits_bytes(rounding="Ceil")), "^ab, c$") == expected.tolist()


@pytest.mark.parametrize("model", [vits_bytes(rounding="Ceil", durations=True), vits_bytes(), world_bytes()])
def test_other_models_stay_as_they_are(model: bytes) -> None:
    assert telling_durations(model) == model


def test_where_it_is_not_clear_nothing_is_changed() -> None:
    twice = vits_bytes(rounding="Ceil").replace(b"Sin", b"Ceil")
    assert telling_durations(twice) == twice


@pytest.mark.parametrize("contents", [b"", b"\x3a", b"\x3a\x02\x0a", b"\x08\x08", b"\xff" * 20, b"{}"])
def test_what_is_no_model_is_left_alone(contents: bytes) -> None:
    assert telling_durations(contents) == contents
