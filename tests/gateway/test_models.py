"""Which models there are."""

import hashlib
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import httpx
import pytest

from gateway.settings import GatewaySettings

pytestmark = pytest.mark.anyio


def put_model(models: Path, name: str, manifest: dict[str, object] | None = None) -> None:
    folder = models / name / "1"
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"x")
    entry = {"sha256": hashlib.sha256(b"x").hexdigest(), "size_bytes": 1}
    about = {"name": name, "version": "1", "task": "text-emotion", "engine": "onnx", "licence": "Apache-2.0"}
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


async def test_one_model(gateway: httpx.AsyncClient) -> None:
    assert (await gateway.get("/v1/models/timbre")).json()["object"] == "model"
    missing = await gateway.get("/v1/models/gpt-9")
    assert (missing.status_code, missing.json()["error"]["code"]) == (404, "model_not_found")


async def test_models_are_listed_while_the_speech_service_is_down(
    gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]], settings: GatewaySettings
) -> None:
    put_model(Path(settings.models), "emotion")
    async with gateway_with(tts_url="http://127.0.0.1:1") as gateway:
        assert [one["id"] for one in (await gateway.get("/v1/models")).json()["data"]] == ["emotion"]


async def test_open_webui_shape(gateway: httpx.AsyncClient) -> None:
    assert (await gateway.get("/v1/audio/models")).json() == {"models": [{"id": "timbre", "name": "Timbre"}]}
