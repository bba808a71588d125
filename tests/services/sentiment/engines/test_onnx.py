"""The model of this repository: plain cases, long texts, order, several threads, and a change of version under load."""

import asyncio
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from services.sentiment.engine import SENTIMENTS
from services.sentiment.engines.onnx import BATCH_TOKENS, Onnx, batches_of
from shared.problems import ModelCorrupt
from shared.store import LocalModel, ModelStore
from tests.services.sentiment.conftest import Serve

PLAIN = {
    "How dare you lie to me, I am so angry!": "anger",
    "What an idiot, I hate him and his stupid face.": "anger",
    "I am so happy, this is wonderful!": "joy",
    "Thank you so much, I love it.": "joy",
    "My dog died and I miss him so much.": "sadness",
    "I am so sorry for your loss, that is really sad.": "sadness",
    "I am terrified of spiders.": "fear",
    "I was so scared that I could not move.": "fear",
    "Wow, I did not expect that at all!": "surprise",
    "That is disgusting, it makes me want to vomit.": "disgust",
    "The meeting is at ten o'clock.": "neutral",
    "The parcel weighs two kilograms.": "neutral",
}
SENTIMENT = {
    "I am so happy, this is wonderful!": "positive",
    "This is the worst day of my life, I hate it.": "negative",
    "The meeting is at ten o'clock.": "neutral",
}


@pytest.fixture(scope="session")
def local(models: Path) -> LocalModel:
    return ModelStore(str(models), models).fetch("emotion-minilm")


@pytest.fixture(scope="session")
def engine(local: LocalModel) -> Onnx:
    return Onnx(local, threads=1)


def test_plain_emotions(engine: Onnx) -> None:
    found = engine.scores(list(PLAIN)).ekman.argmax(axis=1)
    labels = engine.decisions.labels["ekman"]
    wrong = {
        text: labels[column]
        for (text, label), column in zip(PLAIN.items(), found, strict=True)
        if labels[column] != label
    }
    assert len(wrong) <= 1, wrong


def test_plain_sentiment(engine: Onnx) -> None:
    found = engine.scores(list(SENTIMENT)).sentiment.argmax(axis=1)
    assert [SENTIMENTS[column] for column in found] == list(SENTIMENT.values())


def test_order_and_batch_do_not_matter(engine: Onnx) -> None:
    texts = [text + " " + "and so on " * (number % 7) for number, text in enumerate(PLAIN)]
    together = engine.scores(texts)
    backwards = engine.scores(texts[::-1])
    alone = np.concatenate([engine.scores([text]).ekman for text in texts])
    assert together.ekman == pytest.approx(backwards.ekman[::-1], abs=0.05)
    # int8 activations are scaled by the batch they are in, so scores move a little with their company.
    assert np.abs(together.ekman - alone).mean() < 0.01


def test_threads_get_their_own_answers(engine: Onnx) -> None:
    alone = {text: engine.scores([text]).goemotions for text in PLAIN}
    with ThreadPoolExecutor(4) as pool:
        for text, found in zip([*PLAIN] * 4, pool.map(lambda text: engine.scores([text]), [*PLAIN] * 4), strict=True):
            assert (found.goemotions == alone[text]).all()


def test_all_of_a_long_text_is_read(engine: Onnx) -> None:
    filler = "the train leaves the station at ten and arrives at the other station at noon and then "
    ending = engine.scores([filler * 5 + "I am terrified, I am so scared, help me, I am afraid of this horrible ghost"])
    nothing = engine.scores([filler * 6])
    fear = engine.decisions.labels["goemotions"].index("fear")
    assert ending.goemotions[0, fear] > 3 * nothing.goemotions[0, fear]


@pytest.mark.parametrize("text", ["", "\x00", "\U0010ffff", "🎉" * 500, "1" * 500, "a b " * 125, "字" * 500])
def test_odd_texts_have_scores(engine: Onnx, text: str) -> None:
    scores = engine.scores([text, "I am happy."])
    assert np.isfinite(scores.ekman).all()
    assert scores.sentiment.sum(axis=1) == pytest.approx(np.ones(2))


def test_batches_are_sorted_and_bounded() -> None:
    lengths = [64, 3, 10, 64, 7, 30] * 20
    batches = list(batches_of(lengths))
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[number] for number in batch) <= BATCH_TOKENS for batch in batches)
    assert list(batches_of([])) == []
    assert list(batches_of([10 * BATCH_TOKENS])) == [[0]]


def test_manifest_without_calibration_is_refused(local: LocalModel) -> None:
    bare = LocalModel(local.path, local.manifest.model_copy(update={"parameters": {}}))
    with pytest.raises(ModelCorrupt):
        Onnx(bare, threads=1)


@pytest.mark.anyio
async def test_new_version_takes_over_under_load(serve: Serve, local: LocalModel, tmp_path: Path) -> None:
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    facts = tmp_path / "export"
    shutil.copytree(local.path, facts)
    for version in ("1", "2"):
        manifest = local.manifest.model_copy(update={"version": version})
        (facts / "manifest.json").write_text(manifest.model_dump_json(exclude_defaults=True))
        store.publish(facts, "emotion-minilm", version)
    store.point("emotion-minilm", "1")
    seen: list[str] = []
    async with serve(sentiment_engine="onnx", models=str(tmp_path / "store"), models_poll_seconds=0.01) as http:

        async def ask_until_it_changes() -> None:
            while "emotion-minilm/2" not in seen:
                answer = await http.post("/v1/text/emotions", json={"text": "I am so happy!"})
                assert answer.status_code == 200
                seen.append(answer.json()["model"])

        async with asyncio.timeout(60), asyncio.TaskGroup() as group:
            callers = [group.create_task(ask_until_it_changes()) for _ in range(3)]
            while len(seen) < 5:
                await asyncio.sleep(0)
            await asyncio.to_thread(store.point, "emotion-minilm", "2")
    assert all(caller.done() for caller in callers)
    assert seen[0] == "emotion-minilm/1"
