"""Two models side by side: what is told when one of them is missing, damaged or refused, and by which versions."""

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.audio import Sound, encode
from shared.problems import ModelCorrupt, ModelNotFound, ModelRefused
from shared.store import ModelStore
from tests.services.speaker.conftest import Serve
from tests.services.speaker.onnx_model import MAN_HZ, WOMAN_HZ, facts, onnx_bytes, tone, write_model

pytestmark = pytest.mark.anyio
WOMAN = tone(WOMAN_HZ)
NO_GENDER = {"label": "unknown", "scores": {"female": 0.5, "male": 0.5}, "reason": "not_served"}
NO_AGE = {"years": None, "interval": None, "group": None, "reason": "not_served"}


async def judged(http: httpx.AsyncClient, sound: Sound = WOMAN, **form: object) -> dict[str, Any]:
    answer = await http.post("/v1/audio/speaker", files={"file": encode(sound, "wav")}, data=form)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_both(serve_models: Serve) -> None:
    async with serve_models() as http:
        woman, man = await judged(http), await judged(http, tone(MAN_HZ))
    assert woman["model"] == "gender/1+age/1"
    assert woman["models"] == [
        {"model": "gender/1", "task": "speaker-gender", "licence": "CC0", "noncommercial": False},
        {"model": "age/1", "task": "speaker-age", "licence": "CC-BY-NC-4.0", "noncommercial": True},
    ]
    assert [one["gender"]["label"] for one in (woman, man)] == ["female", "male"]
    assert [one["age"]["group"] for one in (woman, man)] == ["thirties", "fifties"]
    assert all(one["age"]["interval"][0] < one["age"]["years"] < one["age"]["interval"][1] for one in (woman, man))
    assert woman["speech_seconds"] == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("absent", [{"speaker_age_model": ""}, {"speaker_age_model": "years"}])
async def test_without_a_model_for_age(serve_models: Serve, absent: dict[str, str]) -> None:
    async with serve_models(**absent) as http:
        answer = await judged(http)
    assert (answer["model"], answer["gender"]["label"], answer["age"]) == ("gender/1", "female", NO_AGE)


async def test_without_a_model_for_gender(serve_models: Serve) -> None:
    async with serve_models(speaker_gender_model="") as http:
        answer = await judged(http, segments=True)
    assert (answer["model"], answer["gender"], answer["age"]["group"]) == ("age/1", NO_GENDER, "thirties")
    assert answer["segments"] == [{"start_seconds": 0.0, "end_seconds": 3.0, "gender": NO_GENDER}]
    assert answer["speech_seconds"] == pytest.approx(3, abs=0.1)


async def test_a_licence_that_is_refused(serve_models: Serve, caplog: pytest.LogCaptureFixture) -> None:
    async with serve_models(noncommercial_models=False) as http:
        answer = await judged(http)
    assert (answer["model"], answer["age"]) == ("gender/1", NO_AGE)
    assert "TIMBRE_NONCOMMERCIAL_MODELS" in caplog.text


async def test_a_new_version_that_is_refused_does_not_take_over(
    serve_models: Serve, store: ModelStore, tmp_path: Path
) -> None:
    store.publish(write_model(tmp_path / "new", noncommercial=True), "gender", "2")
    store.publish(write_model(tmp_path / "newer"), "gender", "3")
    async with serve_models(noncommercial_models=False, models_poll_seconds=0.01) as http:
        await asyncio.to_thread(store.point, "gender", "2")
        for _ in range(5):
            assert (await judged(http))["model"] == "gender/1"
        await asyncio.to_thread(store.point, "gender", "3")
        async with asyncio.timeout(100):
            while (model := (await judged(http))["model"]) != "gender/3":
                assert model == "gender/1"


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"speaker_gender_model": "", "speaker_age_model": ""}, LookupError),
        ({"speaker_gender_model": "", "speaker_age_model": "years"}, ModelNotFound),
        ({"speaker_gender_model": "voice", "noncommercial_models": False}, ModelRefused),
        ({"speaker_gender_model": "age", "speaker_age_model": "gender"}, ModelCorrupt),
        ({"speaker_engine": "pytorch"}, LookupError),
    ],
)
async def test_without_any_it_does_not_start(
    serve_models: Serve, settings: dict[str, object], problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        async with serve_models(**settings):
            pass


async def test_a_damaged_model_is_left_out(serve_models: Serve, tmp_path: Path) -> None:
    (tmp_path / "store" / "age" / "1" / "model.onnx").write_bytes(onnx_bytes("speaker-age")[:-1])
    async with serve_models() as http:
        assert (await judged(http))["age"] == NO_AGE


async def test_models_that_want_sound_cut_differently(serve_models: Serve, store: ModelStore, tmp_path: Path) -> None:
    parameters = {**facts("speaker-age")["parameters"], "features": {"most_gain": 50.0}}
    store.publish(write_model(tmp_path / "other", "speaker-age", parameters=parameters), "age", "2")
    store.point("age", "2")
    async with serve_models() as http:
        answer = await judged(http, tone(WOMAN_HZ, seconds=90))
    assert (answer["model"], answer["gender"]["label"], answer["age"]["group"]) == (
        "gender/1+age/2",
        "female",
        "thirties",
    )


async def test_a_new_version_takes_over_between_recordings(
    serve_models: Serve, store: ModelStore, tmp_path: Path
) -> None:
    store.publish(write_model(tmp_path / "new"), "gender", "2")
    async with serve_models(models_poll_seconds=0.01) as http:
        assert (await judged(http))["model"] == "gender/1+age/1"
        await asyncio.to_thread(store.point, "gender", "2")
        async with asyncio.timeout(100):
            while (await judged(http))["model"] != "gender/2+age/1":
                pass
