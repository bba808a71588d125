"""Engines that need no model, and models of the store, are served side by side; the one that is named listens."""

import json
from pathlib import Path

import pytest

from services.stt import engine
from services.stt.engines.fake import Fake
from services.stt.settings import SttSettings
from shared.audio import Sound
from shared.problems import ModelCorrupt, ModelNotFound
from shared.store import LocalModel, ModelStore
from tests.services.stt.conftest import Serve
from tests.services.stt.test_routes import post
from tests.sounds import silence

pytestmark = pytest.mark.anyio


class Stored(Fake):
    """An engine that needs a model, of which it keeps the manifest's language."""

    needs_model = True

    def __init__(self, model: LocalModel, threads: int) -> None:
        self.abilities = engine.Abilities(tuple(model.manifest.languages))


@pytest.fixture
def location(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Settings for a store with two models of an engine that needs one, and one of an engine for something else."""
    monkeypatch.setitem(engine.ENGINES, "stored", f"{__name__}:Stored")
    monkeypatch.setattr(
        "services.stt.models.find_engine", lambda table, name: Stored if name == "stored" else _found(name)
    )
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    for name, version, kind in (("small", "3", "stored"), ("large", "1", "stored"), ("emotion", "1", "onnx")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "weights.bin").write_bytes(b"weights")
        facts = {"task": "speech-to-text", "engine": kind, "licence": "CC0", "languages": ["de"]}
        (folder / "manifest.json").write_text(json.dumps(facts))
        store.publish(folder, name, version)
        store.point(name, version)
    return {"models": str(tmp_path / "store"), "models_cache": str(tmp_path / "cache")}


def _found(name: str) -> type:
    if name not in engine.ENGINES:
        raise LookupError(name)
    return Fake


async def test_the_model_that_is_named_listens(serve: Serve, location: dict[str, str]) -> None:
    async with serve(**location, stt_model="large", stt_further_models="small, fake, not-there") as http:
        for name, heard in {
            "": "large/1",
            "whisper-1": "large/1",
            "large": "large/1",
            "small": "small/3",
            "small/3": "small/3",
            "fake": "fake/1",
        }.items():
            answer = await post(http, silence(0.1), model=name)
            assert (answer.status_code, answer.headers.get("x-timbre-model")) == (200, heard)
        for name in ("small/2", "not-there", "stored", "emotion"):
            assert (await post(http, silence(0.1), model=name)).status_code == 404


async def test_work_is_measured_under_the_name_of_the_model_that_did_it(
    serve: Serve, location: dict[str, str], speech: Sound
) -> None:
    async with serve(**location, stt_model="large", stt_further_models="small") as http:
        for model in ("small", "small/3", "large"):
            assert (await post(http, speech, model=model)).status_code == 200
        metrics = (await http.get("/metrics")).text
    for model, pieces in (("small", "2.0"), ("large", "1.0")):
        assert f'timbre_engine_duration_seconds_count{{engine="{model}"}} {pieces}' in metrics


async def test_a_models_languages_are_those_of_its_manifest(serve: Serve, location: dict[str, str]) -> None:
    async with serve(**location, stt_model="large") as http:
        refused = await post(http, silence(0.1), language="en")
        answer = await post(http, silence(0.1), language="de", response_format="verbose_json")
    assert (refused.status_code, refused.json()["param"]) == (400, "language")
    assert answer.json()["language"] == "german"


async def test_the_default_has_to_be_there(serve: Serve, location: dict[str, str]) -> None:
    with pytest.raises(ModelNotFound):
        async with serve(**location, stt_model="home"):
            pass


async def test_a_model_for_something_else_is_not_opened(serve: Serve, location: dict[str, str]) -> None:
    with pytest.raises(ModelCorrupt):
        async with serve(**location, stt_model="emotion"):
            pass


async def test_a_damaged_further_model_is_left_out_and_told(
    serve: Serve, location: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    (Path(location["models"]) / "small" / "3" / "weights.bin").write_bytes(b"weighty")
    async with serve(**location, stt_model="large", stt_further_models="small,emotion,fake") as http:
        statuses = [(await post(http, silence(0.1), model=name)).status_code for name in ("large", "small", "fake")]
    assert statuses == [200, 404, 200]
    told = [(record.levelname, record.model) for record in caplog.records if record.message == "model left out"]
    assert told == [("ERROR", "small"), ("ERROR", "emotion")]


async def test_the_default_may_not_be_damaged(serve: Serve, location: dict[str, str]) -> None:
    (Path(location["models"]) / "small" / "3" / "weights.bin").write_bytes(b"weighty")
    with pytest.raises(ModelCorrupt):
        async with serve(**location, stt_model="small", stt_further_models="large"):
            pass


def test_names_are_told_once_each_the_default_first() -> None:
    assert SttSettings().model_names == ("pocketsphinx",)
    settings = SttSettings(stt_engine="fake", stt_model="home", stt_further_models=" small,home ,,fake")
    assert settings.model_names == ("home", "small", "fake")
