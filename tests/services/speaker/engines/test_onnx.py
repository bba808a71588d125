"""Tiny models on onnxruntime: what they hear, broken ones, and several threads."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.speaker.engine import Task
from services.speaker.engines.onnx import Onnx
from services.speaker.features import Frames
from services.speaker.windows import Cutter
from shared.problems import ModelCorrupt
from shared.store import ModelStore
from tests.services.speaker.onnx_model import (
    FIRST_YEAR,
    MAN_HZ,
    SEVERAL_HZ,
    WOMAN_HZ,
    facts,
    onnx_bytes,
    tone,
    write_model,
)


@pytest.fixture
def engine(store: ModelStore) -> Onnx:
    return Onnx("speaker-gender", store.fetch("gender"), threads=1)


def frames(engine: Onnx, *hz: float) -> Frames:
    cutter = Cutter(engine.cut)
    assert not list(cutter.feed(tone(*hz).samples))
    return cutter.finish().frames


def test_gender(engine: Onnx) -> None:
    woman, man = (engine.hear(frames(engine, hz)) for hz in (WOMAN_HZ, MAN_HZ))
    assert (woman.voice > 3).all()
    assert (man.voice < -3).all()
    assert woman.speech.shape == (2, 80)
    assert (woman.speech > 0.5).all()
    assert (woman.several < 0.5).all()
    assert (engine.hear(frames(engine, WOMAN_HZ, SEVERAL_HZ)).several > 0.5).all()
    assert (engine.hear(frames(engine)).speech < 0.5).all()


def test_age(store: ModelStore) -> None:
    engine = Onnx("speaker-age", store.fetch("age"), threads=1)
    heard = engine.hear(frames(engine, MAN_HZ))
    assert (heard.voice.argmax(axis=1) + FIRST_YEAR).tolist() == [57, 57]
    assert heard.voice.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (engine.licence, engine.noncommercial) == ("CC-BY-NC-4.0", True)


def test_threads_get_their_own_answers(engine: Onnx) -> None:
    heard = [frames(engine, hz) for hz in (WOMAN_HZ, MAN_HZ)] * 8
    with ThreadPoolExecutor(4) as pool:
        signs = [bool((one.voice > 0).all()) for one in pool.map(engine.hear, heard)]
    assert signs == [True, False] * 8


def parameters(**changes: object) -> dict[str, Any]:
    return {"parameters": {**facts()["parameters"], **changes}}


@pytest.mark.parametrize(
    "changes",
    [
        parameters(window_frames=120),
        parameters(features={"bands": 40}),
        {"task": "speaker-age"},
        {"sample_rate_hz": 8_000},
        {"parameters": {**facts("speaker-age")["parameters"]}},
    ],
)
def test_manifests_that_do_not_fit_their_model(tmp_path: Path, store: ModelStore, changes: dict[str, Any]) -> None:
    store.publish(write_model(tmp_path / "wrong", **changes), "gender", "2")
    with pytest.raises(ModelCorrupt):
        Onnx("speaker-gender", store.fetch("gender", "2"), threads=1)


def test_years_that_do_not_fit_the_model(tmp_path: Path, store: ModelStore) -> None:
    given = facts("speaker-age")["parameters"]
    other = {**given, "calibration": {**given["calibration"], "years": [10, 80]}}
    store.publish(write_model(tmp_path / "wrong", "speaker-age", parameters=other), "age", "2")
    with pytest.raises(ModelCorrupt):
        Onnx("speaker-age", store.fetch("age", "2"), threads=1)


@pytest.mark.parametrize("task", ["speaker-gender", "speaker-age"])
@pytest.mark.parametrize("contents", [b"\x08\x08", onnx_bytes().replace(b"several", b"severed"), onnx_bytes(steps=40)])
def test_models_that_are_none(tmp_path: Path, store: ModelStore, task: Task, contents: bytes) -> None:
    folder = write_model(tmp_path / "wrong", task)
    (folder / "model.onnx").write_bytes(contents)
    store.publish(folder, "wrong", "1")
    with pytest.raises(ModelCorrupt):
        Onnx(task, store.fetch("wrong", "1"), threads=1)


def test_a_model_whose_answers_are_not_finite(tmp_path: Path, store: ModelStore) -> None:
    folder = write_model(tmp_path / "wrong")
    nan, quiet = (np.array([value], "<f4").tobytes() for value in (np.nan, 223))
    (folder / "model.onnx").write_bytes(onnx_bytes().replace(quiet, nan))
    store.publish(folder, "wrong", "1")
    with pytest.raises(ModelCorrupt):
        Onnx("speaker-gender", store.fetch("wrong", "1"), threads=1)
