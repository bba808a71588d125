"""Which models there are."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest
from aiohttp import web

from gateway.settings import GatewaySettings
from tests.gateway.conftest import served

pytestmark = pytest.mark.anyio


def put_model(models: Path, name: str, manifest: dict[str, object] | None = None, task: str = "text-emotion") -> None:
    folder = models / name / "1"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"x")
    entry = {"sha256": hashlib.sha256(b"x").hexdigest(), "size_bytes": 1}
    about = {"name": name, "version": "1", "task": task, "engine": "onnx", "licence": "Apache-2.0"}
    content = {**about, "files": {"model.onnx": entry}, "languages": ["en"]} if manifest is None else manifest
    (folder / "manifest.json").write_text(json.dumps(content))


async def test_openai_shape(gateway: httpx.AsyncClient, settings: GatewaySettings) -> None:
    put_model(Path(settings.models), "emotion")
    put_model(Path(settings.models), "broken", {"name": "broken"})
    body = (await gateway.get("/v1/models")).json()
    assert body["object"] == "list"
    speech, emotion = body["data"]
    assert (speech["id"], speech["task"], speech["voices"]) == ("timbre", "speech", ["slt", "rms", "fr"])
    assert speech["languages"] == ["en-us", "fr-fr"]
    assert emotion == {
        "id": "emotion",
        "object": "model",
        "created": 0,
        "owned_by": "onnx",
        "task": "text-emotion",
        "version": "1",
        "languages": ["en"],
        "licence": "Apache-2.0",
    }


async def test_a_licence_that_allows_no_commercial_use_is_said(
    gateway: httpx.AsyncClient, settings: GatewaySettings
) -> None:
    entry = {"sha256": hashlib.sha256(b"x").hexdigest(), "size_bytes": 1}
    about = {"name": "age", "version": "1", "task": "speaker-age", "engine": "onnx", "licence": "CC-BY-NC-4.0"}
    put_model(Path(settings.models), "age", {**about, "noncommercial": True, "files": {"model.onnx": entry}})
    put_model(Path(settings.models), "gender")
    _, age, gender = (await gateway.get("/v1/models")).json()["data"]
    assert (age["licence"], age["noncommercial"]) == ("CC-BY-NC-4.0", True)
    assert "noncommercial" not in gender


async def test_of_a_voice_everybody_may_know_why_it_may_be_used(
    gateway: httpx.AsyncClient, settings: GatewaySettings
) -> None:
    entry = {"sha256": hashlib.sha256(b"x").hexdigest(), "size_bytes": 1}
    about = {"name": "alice", "version": "1", "task": "speech-synthesis", "engine": "vits", "licence": "CC0-1.0"}
    voices = [{"voice": "alice"}, {"voice": "alice", "emotion": "angry", "speaker": 1}]
    consent = {"speaker": "Alice Example", "basis": "signed statement", "given_on": "2026-01-31"}
    kept = {**about, "voices": voices, "consent": {**consent, "record": "safe 7"}, "files": {"model.onnx": entry}}
    put_model(Path(settings.models), "alice", kept)
    alice = (await gateway.get("/v1/models/alice")).json()
    assert (alice["version"], alice["voices"], alice["consent"]) == ("1", ["alice"], consent)


async def test_one_model(gateway: httpx.AsyncClient) -> None:
    assert (await gateway.get("/v1/models/timbre")).json()["object"] == "model"
    missing = await gateway.get("/v1/models/gpt-9")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")


async def test_openais_names_tell_which_model_they_mean(
    gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]],
) -> None:
    async def answer(_: web.Request) -> web.Response:
        return listing(*({"model": model, "languages": ["en"]} for model in ("pocketsphinx/5.1.1", "vosk-small/1")))

    async with served(web.get("/models", answer)) as url, gateway_with(stt_url=url) as gateway:
        found = [(await gateway.get(f"/v1/models/{name}")).json()["id"] for name in ("tts-1-hd", "whisper-1")]
    assert found == ["timbre", "pocketsphinx"]


async def test_models_are_listed_while_the_speech_service_is_down(
    gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]], settings: GatewaySettings
) -> None:
    put_model(Path(settings.models), "emotion")
    async with gateway_with(tts_url="http://127.0.0.1:1") as gateway:
        assert [one["id"] for one in (await gateway.get("/v1/models")).json()["data"]] == ["emotion"]


def listing(*models: dict[str, object]) -> web.Response:
    return web.json_response({"models": list(models)})


async def test_the_speech_to_text_service_says_which_models_it_has_opened(
    gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]], settings: GatewaySettings
) -> None:
    for name in ("whisper-tiny", "whisper-small"):
        put_model(Path(settings.models), name, task="speech-to-text")
    put_model(Path(settings.models), "emotion")

    async def answer(_: web.Request) -> web.Response:
        built_in, stored = ({"model": model, "languages": ["en"]} for model in ("pocketsphinx/5.1.1", "whisper-tiny/2"))
        return listing({**built_in, "translates": False}, stored)

    async with served(web.get("/models", answer)) as url, gateway_with(stt_url=url) as gateway:
        _, *others = (await gateway.get("/v1/models")).json()["data"]
        one = (await gateway.get("/v1/models/pocketsphinx")).json()
    assert [other["id"] for other in others] == ["pocketsphinx", "whisper-tiny", "emotion"]
    assert one == others[0]
    assert one == {
        "id": "pocketsphinx",
        "object": "model",
        "created": 0,
        "owned_by": "pocketsphinx",
        "task": "speech-to-text",
        "version": "5.1.1",
        "languages": ["en"],
        "licence": None,
    }
    assert (others[1]["version"], others[1]["owned_by"], others[1]["licence"]) == ("2", "onnx", "Apache-2.0")


@pytest.mark.parametrize(
    "answer",
    [listing({"id": 7}), web.Response(text="<html>"), web.Response(status=503), None],
    ids=["another shape", "no JSON", "not ready", "nobody"],
)
async def test_others_are_listed_whatever_the_speech_to_text_service_says(
    gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]],
    settings: GatewaySettings,
    answer: web.Response | None,
) -> None:
    put_model(Path(settings.models), "emotion")

    async def given(_: web.Request) -> web.Response:
        assert answer is not None
        return answer

    async with (
        served(web.get("/models", given)) as url,
        gateway_with(stt_url=url if answer else "http://127.0.0.1:1") as gateway,
    ):
        assert [one["id"] for one in (await gateway.get("/v1/models")).json()["data"]] == ["timbre", "emotion"]


async def test_open_webui_shape(gateway: httpx.AsyncClient) -> None:
    assert (await gateway.get("/v1/audio/models")).json() == {"models": [{"id": "timbre", "name": "Timbre"}]}
