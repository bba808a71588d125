"""Models of the store, opened by the engine that their manifests name, write down what is sent to the service."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.stt.app import create_app
from services.stt.settings import SttSettings
from shared.audio import encode
from shared.store import ModelStore
from tests.services.stt import vosk_model, whisper_model
from tests.serving import in_process
from tests.sounds import spoken

PATH = "/v1/audio/transcriptions"
pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def recording() -> bytes:
    """Speech, as tones do not come past the detection of voices."""
    return encode(spoken("slt"), "flac")


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    store = ModelStore(str(tmp_path / "store"), tmp_path / "cache")
    store.publish(whisper_model.write_model(tmp_path / "whisper"), "whisper-tiny", "1")
    store.publish(vosk_model.write_model(tmp_path / "vosk"), "vosk-tiny", "2")
    settings = SttSettings(
        models=str(tmp_path / "store"),
        models_cache=str(tmp_path / "cache"),
        stt_model="whisper-tiny",
        stt_further_models="vosk-tiny",
    )
    async with in_process(create_app(settings)) as http:
        yield http


async def test_whisper(http: httpx.AsyncClient, recording: bytes) -> None:
    fields = {"model": "whisper-1", "response_format": "verbose_json", "timestamp_granularities[]": "word"}
    answer = await http.post(PATH, files={"file": recording}, data=fields)
    assert answer.status_code == 200, answer.text
    assert answer.headers["X-Timbre-Model"] == "whisper-tiny/1"
    told = answer.json()
    assert (told["text"], told["language"]) == ("hello world", "english")
    assert [word["word"] for word in told["words"]] == ["hello", "world"]


async def test_keywords_reach_whisper(http: httpx.AsyncClient, recording: bytes) -> None:
    answer = await http.post(PATH, files={"file": recording}, data={"model": "whisper-tiny", "keywords": "zebra"})
    assert answer.json()["text"] == "hello zebra", answer.text


async def test_vosk(http: httpx.AsyncClient, recording: bytes) -> None:
    answer = await http.post(PATH, files={"file": recording}, data={"model": "vosk-tiny"})
    assert answer.headers["X-Timbre-Model"] == "vosk-tiny/2", answer.text
    assert set(answer.json()["text"].split()) in ({"low"}, {"high"}, {"low", "high"})
