"""A tiny model on onnxruntime: its words, its embeddings, broken ones, several threads, a change of version."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from services.keywords.engines.fake import TONES_HZ, Fake
from services.keywords.engines.onnx import Onnx
from shared.audio import encode
from shared.problems import ModelCorrupt
from shared.store import LocalModel, ModelStore
from tests.services.keywords.conftest import Serve
from tests.services.keywords.onnx_model import FRAMES, onnx_bytes, write_model
from tests.services.keywords.tones import spoken

WORDS = list(TONES_HZ)


@pytest.fixture
def engine(local: LocalModel) -> Onnx:
    return Onnx(local, threads=1)


def pictures(*words: str) -> np.ndarray:
    return np.concatenate([Fake.features.pictures(spoken(0.25, word, 0.25).samples) for word in words])


def test_words(engine: Onnx) -> None:
    heard = engine.hear(pictures(*WORDS))
    assert [engine.labels[column] for column in heard.scores.argmax(axis=1)] == WORDS
    assert heard.scores.sum(axis=1) == pytest.approx(np.ones(len(WORDS)), abs=1e-5)
    assert heard.embeddings == pytest.approx(pictures(*WORDS).mean(axis=1), abs=1e-4)


def test_company_changes_nothing(engine: Onnx) -> None:
    together = engine.hear(pictures(*WORDS)).scores
    alone = np.concatenate([engine.hear(pictures(word)).scores for word in WORDS])
    assert together == pytest.approx(alone, abs=1e-6)


def test_no_windows(engine: Onnx) -> None:
    heard = engine.hear(np.empty((0, *engine.features.shape), np.float32))
    assert heard.scores.shape == (0, len(engine.labels))
    assert len(heard.embeddings) == 0


def test_a_model_without_embeddings(tmp_path: Path, store: ModelStore) -> None:
    store.publish(write_model(tmp_path / "bare", embeddings=False), "keywords", "2")
    heard = Onnx(store.fetch("keywords", "2"), threads=1).hear(pictures("yes", "no"))
    assert heard.embeddings.shape == (2, 0)


def test_threads_get_their_own_answers(engine: Onnx) -> None:
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda word: engine.hear(pictures(word)).scores.argmax(), WORDS * 4))
    assert [engine.labels[column] for column in heard] == WORDS * 4


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {"keyword": ["yes", "no", "silence"]}},
        {"sample_rate_hz": 8_000},
        {"parameters": {"features": {"kind": "log-mel", "bands": 20}, "thresholds": {"clip": 0.5, "stream": 0.5}}},
        {"parameters": {"features": {"kind": "log-mel", "step_samples": 320}, "thresholds": {"clip": 0, "stream": 0}}},
    ],
)
def test_manifests_that_do_not_fit_their_model(tmp_path: Path, store: ModelStore, changes: dict[str, Any]) -> None:
    store.publish(write_model(tmp_path / "wrong", **changes), "keywords", "2")
    with pytest.raises(ModelCorrupt):
        Onnx(store.fetch("keywords", "2"), threads=1)


@pytest.mark.parametrize("contents", [b"\x08\x08", onnx_bytes().replace(b"scores", b"scared"), onnx_bytes(labels=3)])
def test_models_that_are_none(tmp_path: Path, store: ModelStore, contents: bytes) -> None:
    folder = write_model(tmp_path / "wrong")
    (folder / "model.onnx").write_bytes(contents)
    store.publish(folder, "keywords", "2")
    with pytest.raises(ModelCorrupt):
        Onnx(store.fetch("keywords", "2"), threads=1)


def test_frames_are_those_of_the_default_features() -> None:
    assert FRAMES == 98


@pytest.mark.anyio
async def test_new_version_takes_over_under_load(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    store.publish(write_model(tmp_path / "export"), "keywords", "2")
    recording = encode(spoken(0.25, "left", 0.25), "wav")
    seen: list[str] = []
    settings = {"keywords_engine": "onnx", "models": str(tmp_path / "store"), "models_poll_seconds": 0.01}
    async with serve(**settings) as http:

        async def ask_until_it_changes() -> None:
            while "keywords/2" not in seen:
                answer = await http.post("/v1/audio/keywords", files={"file": recording}, data={"model": "keywords"})
                assert (answer.status_code, answer.json()["keyword"]) == (200, "left")
                seen.append(answer.json()["model"])

        async with asyncio.timeout(100), asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(ask_until_it_changes())
            while len(seen) < 5:
                await asyncio.sleep(0)
            await asyncio.to_thread(store.point, "keywords", "2")
        old = await http.post("/v1/audio/keywords", files={"file": recording}, data={"model": "keywords/1"})
    assert seen[0] == "keywords/1"
    assert old.status_code == 404


@pytest.mark.anyio
async def test_a_broken_version_does_not_take_over(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    store.publish(write_model(tmp_path / "wrong", labels={"keyword": ["yes"]}), "keywords", "2")
    recording = encode(spoken(0.25, "left", 0.25), "wav")
    settings = {"keywords_engine": "onnx", "models": str(tmp_path / "store"), "models_poll_seconds": 0.01}
    async with serve(**settings) as http:
        await asyncio.to_thread(store.point, "keywords", "2")
        await asyncio.sleep(0.1)
        answer = await http.post("/v1/audio/keywords", files={"file": recording})
    assert answer.json()["model"] == "keywords/1"
