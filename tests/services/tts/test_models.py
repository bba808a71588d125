"""Trained voices in the running service: they come, change and go with the store, and are heard by their tones."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.tts.app import create_app
from services.tts.engine import started_engines
from services.tts.schemas import SpeechRequest
from services.tts.settings import TTSSettings
from services.tts.synthesis import Speaker
from services.tts.wishes import wishes_of
from shared.audio import AudioLimits, Sound, decode
from shared.metrics import Metrics
from shared.store import ModelStore
from shared.text.limits import Limits
from shared.text.parse import parse_text
from tests.ports import free_port
from tests.serving import in_process
from tests.voice_models import CONSENT, front_end, publish, tone_of

pytestmark = pytest.mark.anyio
LOW_HZ, MIDDLE_HZ, HIGH_HZ = 250, 500, 1000
Serve = Callable[..., Any]


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(str(tmp_path / "store"), tmp_path / "cache")


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """`async with serve() as http` starts the service with the voices of the store."""

    @asynccontextmanager
    async def served(**settings: object) -> AsyncIterator[httpx.AsyncClient]:
        own = {"tts_engines": ("fake", "trained"), "default_voice": "fake", "models": str(tmp_path / "store")}
        places = {"models_cache": str(tmp_path / "cache"), "models_poll_seconds": 0.02}
        async with in_process(create_app(TTSSettings(**{**own, **places, **settings}))) as http:
            yield http

    return served


async def spoken(http: httpx.AsyncClient, voice: str = "alice", **members: object) -> httpx.Response:
    return await http.post(
        "/v1/audio/speech", json={"input": "Hello there.", "voice": voice, "response_format": "wav", **members}
    )


async def heard(http: httpx.AsyncClient, voice: str = "alice", **members: object) -> float:
    """Return the tone that speaks, in Hz."""
    answer = await spoken(http, voice, **members)
    assert answer.status_code == 200, answer.text
    return round(tone_of(decode(answer.content, AudioLimits())))


async def voices(http: httpx.AsyncClient) -> dict[str, dict[str, Any]]:
    return {voice["id"]: voice for voice in (await http.get("/v1/audio/voices")).json()["voices"]}


async def until(http: httpx.AsyncClient, voice: str, model: str | None) -> None:
    """Wait until that model speaks in the voice; None: until there is no such voice."""
    async with asyncio.timeout(100):
        while (await voices(http)).get(voice, {}).get("model") != model:
            await asyncio.sleep(0.01)


async def models_metrics(http: httpx.AsyncClient) -> dict[str, float]:
    lines = (await http.get("/metrics")).text.splitlines()
    found = [line.rpartition(" ") for line in lines if line.startswith("timbre_voice_models{")]
    return {name.partition('"')[2].rstrip('"}'): float(value) for name, _, value in found}


async def test_a_model_of_the_store_is_a_voice(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    publish(tmp_path, store, "alice", "1", LOW_HZ, licence="CC-BY-NC-4.0", noncommercial=True)
    async with serve() as http:
        voice = (await voices(http))["alice"]
        assert await heard(http) == LOW_HZ
    assert (voice["name"], voice["language"], voice["gender"]) == ("Alice", "en-us", "female")
    assert (voice["engine"], voice["model"], voice["sample_rate_hz"]) == ("trained", "alice/1", 16_000)
    assert (voice["licence"], voice["noncommercial"]) == ("CC-BY-NC-4.0", True)
    assert voice["consent"] == {name: CONSENT[name] for name in ("speaker", "basis", "given_on")}
    assert voice["emotions"]["neutral"] == {"model": "alice/1", "style": "neutral", "fallback": False}
    assert voice["emotions"]["angry"] == {"model": "alice/1", "style": "angry", "fallback": True}


async def test_without_any_the_service_is_as_without_the_engine(serve: Serve) -> None:
    async with serve() as http:
        assert list(await voices(http)) == ["fake"]
        assert (await spoken(http)).status_code == 404
        assert await models_metrics(http) == {"open": 0, "failed": 0}


async def test_a_store_that_cannot_be_reached_keeps_nobody_from_starting(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.setenv(name, "test")
    async with serve(models="s3://bucket/models") as http:
        assert (await spoken(http, "fake")).status_code == 200
    assert "cannot be listed" in caplog.text


async def test_one_that_is_published_speaks_without_a_restart(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    async with serve() as http:
        assert (await spoken(http)).status_code == 404
        publish(tmp_path, store, "alice", "1", LOW_HZ)
        await until(http, "alice", "alice/1")
        assert await heard(http) == LOW_HZ
        assert await models_metrics(http) == {"open": 1, "failed": 0}


async def test_a_new_version_drops_no_sentence(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    publish(tmp_path, store, "alice", "1", LOW_HZ)
    publish(tmp_path, store, "bob", "1", HIGH_HZ)
    text = "One. Two. Three. Four. Five."

    async def keeps_speaking(http: httpx.AsyncClient, models: set[str]) -> None:
        async with asyncio.timeout(100):
            while "alice/2" not in models:
                answer = await spoken(http, input=text)
                assert answer.status_code == 200, answer.text
                model = answer.headers["x-timbre-model"]
                assert tone_of(decode(answer.content, AudioLimits())) == pytest.approx(
                    LOW_HZ if model == "alice/1" else MIDDLE_HZ, abs=1
                )
                models.add(model)

    async with serve(slots=4) as http:
        assert await heard(http) == LOW_HZ
        seen: list[set[str]] = [set() for _ in range(4)]
        speaking = [asyncio.create_task(keeps_speaking(http, models)) for models in seen]
        await asyncio.to_thread(publish, tmp_path, store, "alice", "2", MIDDLE_HZ)
        await asyncio.gather(*speaking)
        assert await heard(http, "bob") == HIGH_HZ
    assert set.union(*seen) <= {"alice/1", "alice/2"}


async def test_a_request_is_spoken_by_one_version(store: ModelStore, tmp_path: Path) -> None:
    """Even where the voice changes, and then goes, in the middle."""
    publish(tmp_path, store, "alice", "1", LOW_HZ)
    settings = TTSSettings(tts_engines=("trained",), models=str(tmp_path / "store"), models_poll_seconds=0.02)
    async with started_engines(settings, Metrics()) as engines, asyncio.timeout(100):
        voices = engines.voices
        wishes = wishes_of(SpeechRequest(input="One. Two. Three.", voice="alice"), voices)
        document = parse_text("One. Two. Three.", "text", Limits(), "en")
        sentences = Speaker(engines).speak(document, wishes, voices, 16_000)
        tones = [tone_of(Sound((await anext(sentences)).samples, 16_000))]
        await asyncio.to_thread(publish, tmp_path, store, "alice", "2", MIDDLE_HZ)
        while engines.voices.find("alice").model != "alice/2":
            await asyncio.sleep(0.01)
        tones.append(tone_of(Sound((await anext(sentences)).samples, 16_000)))
        shutil.rmtree(tmp_path / "store" / "alice")
        while engines.voices.listing():
            await asyncio.sleep(0.01)
        tones.append(tone_of(Sound((await anext(sentences)).samples, 16_000)))
    assert tones == pytest.approx([LOW_HZ] * 3, abs=5)


async def test_one_that_is_taken_away_goes(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    publish(tmp_path, store, "alice", "1", LOW_HZ)
    async with serve() as http:
        assert await heard(http) == LOW_HZ
        (tmp_path / "store" / "alice" / "1" / "manifest.json").unlink()
        await until(http, "alice", None)
        refused = await spoken(http)
        assert (refused.status_code, refused.json()["param"]) == (404, "voice")
        assert await models_metrics(http) == {"open": 0, "failed": 0}


@pytest.mark.parametrize(
    "broken",
    [
        {"engine": "coqui"},
        {"parameters": {}},
        {"sample_rate_hz": None},
        {"voices": []},
        {"voices": [{"voice": "broken", "speaker": 7}]},
    ],
)
async def test_a_broken_one_harms_nobody(
    serve: Serve, store: ModelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: dict[str, object]
) -> None:
    publish(tmp_path, store, "broken", "1", HIGH_HZ, **broken)
    publish(tmp_path, store, "alice", "1", LOW_HZ)
    async with serve() as http:
        assert list(await voices(http)) == ["fake", "alice"]
        assert await heard(http) == LOW_HZ
        assert await models_metrics(http) == {"open": 1, "failed": 1}
        publish(tmp_path, store, "broken", "2", HIGH_HZ)
        await until(http, "broken", "broken/2")
        assert await heard(http, "broken") == HIGH_HZ
        assert await models_metrics(http) == {"open": 2, "failed": 0}
    assert any(getattr(record, "model", None) == "broken" for record in caplog.records)


async def test_a_damaged_file_and_a_damaged_manifest(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    for name in ("damaged", "unreadable", "alice"):
        publish(tmp_path, store, name, "1", LOW_HZ)
    (tmp_path / "store" / "damaged" / "1" / "model.onnx").write_bytes(b"no network")
    (tmp_path / "store" / "unreadable" / "1" / "manifest.json").write_bytes(b"{")
    async with serve() as http:
        assert list(await voices(http)) == ["fake", "alice"]
        assert await models_metrics(http) == {"open": 1, "failed": 2}


async def test_a_broken_version_leaves_the_old_one_speaking(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    publish(tmp_path, store, "alice", "1", LOW_HZ)
    async with serve() as http:
        publish(tmp_path, store, "alice", "2", HIGH_HZ, engine="coqui")
        async with asyncio.timeout(100):
            while (await models_metrics(http)) != {"open": 1, "failed": 1}:
                assert await heard(http) == LOW_HZ
        publish(tmp_path, store, "alice", "3", MIDDLE_HZ)
        await until(http, "alice", "alice/3")


async def test_a_licence_that_is_refused(
    serve: Serve, store: ModelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path, store, "alice", "1", LOW_HZ, noncommercial=True)
    async with serve(noncommercial_models=False) as http:
        assert list(await voices(http)) == ["fake"]
    assert "TIMBRE_NONCOMMERCIAL_MODELS" in caplog.text


@pytest.mark.parametrize("name", ["fake", "alloy"])
async def test_names_that_others_have_are_not_taken(
    serve: Serve, store: ModelStore, tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    publish(tmp_path, store, "impostor", "1", LOW_HZ, voices=[{"voice": name}, {"voice": "alice"}])
    async with serve() as http:
        assert list(await voices(http)) == ["fake", "alice"]
        assert (await spoken(http, name)).headers["x-timbre-model"] == "fake/fake"
    assert "its name is taken" in caplog.text


async def test_a_default_voice_that_is_not_there_yet(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    async with serve(default_voice="alice", tts_engines=("trained",)) as http:
        for voice in (None, "alloy", "alice"):
            assert (await spoken(http, voice=voice)).status_code == 404
        publish(tmp_path, store, "alice", "1", LOW_HZ)
        await until(http, "alice", "alice/1")
        assert [await heard(http, voice=voice) for voice in (None, "alloy")] == [LOW_HZ, LOW_HZ]


class TestEmotions:
    async def test_a_trained_one_is_spoken_by_the_model_itself(
        self, serve: Serve, store: ModelStore, tmp_path: Path
    ) -> None:
        styles = [{"voice": "alice", "speaker": 0}, {"voice": "alice", "emotion": "angry", "speaker": 1}]
        publish(tmp_path, store, "alice", "3", LOW_HZ, HIGH_HZ, voices=styles)
        async with serve() as http:
            emotions = (await voices(http))["alice"]["emotions"]
            assert emotions["angry"] == {"model": "alice/3", "style": "angry", "fallback": False}
            assert emotions["sad"] == {"model": "alice/3", "style": "sad", "fallback": True}
            assert await heard(http, emotion="angry") == HIGH_HZ
            assert await heard(http) == LOW_HZ
            angry = await spoken(http, emotion="angry", response_format="pcm", sample_rate=16_000)
            usual = await spoken(http, response_format="pcm", sample_rate=16_000)
            sad = await spoken(http, emotion="sad", response_format="pcm", sample_rate=16_000)
        # Nothing of it is reshaped, as its length tells; what has no model is.
        assert len(angry.content) == pytest.approx(len(usual.content), rel=0.02)
        assert len(sad.content) > 1.05 * len(usual.content)

    async def test_more_or_less_of_it_is_made_by_reshaping(
        self, serve: Serve, store: ModelStore, tmp_path: Path
    ) -> None:
        styles = [{"voice": "alice", "speaker": 0}, {"voice": "alice", "emotion": "sad", "speaker": 1}]
        publish(tmp_path, store, "alice", "1", LOW_HZ, MIDDLE_HZ, voices=styles)
        async with serve() as http:
            lengths = [
                len((await spoken(http, emotion="sad", intensity=intensity)).content) for intensity in (0.3, 1.0, 2.0)
            ]
        assert lengths == sorted(lengths)  # the sadder the slower
        assert lengths[2] > 1.1 * lengths[0]

    async def test_it_may_have_a_model_of_its_own(self, serve: Serve, store: ModelStore, tmp_path: Path) -> None:
        publish(tmp_path, store, "alice", "1", LOW_HZ)
        async with serve() as http:
            assert (await voices(http))["alice"]["emotions"]["angry"]["fallback"]
            styles = [{"voice": "alice", "emotion": "angry"}]
            terms = {"licence": "CC-BY-NC-4.0", "noncommercial": True}
            publish(tmp_path, store, "alice-angry", "7", HIGH_HZ, voices=styles, **terms)
            async with asyncio.timeout(100):
                while (await voices(http))["alice"]["emotions"]["angry"]["fallback"]:
                    await asyncio.sleep(0.01)
            voice = (await voices(http))["alice"]
            assert voice["emotions"]["angry"]["model"] == "alice-angry/7"
            assert (voice["licence"], voice["noncommercial"]) == ("CC0-1.0 AND CC-BY-NC-4.0", True)
            answer = await spoken(http, input="So. [angry]No![/angry]", text_type="tagged")
            assert answer.headers["x-timbre-model"] == "alice/1, alice-angry/7"
            assert [await heard(http), await heard(http, emotion="angry")] == [LOW_HZ, HIGH_HZ]

    async def test_tags_within_a_sentence(self, serve: Serve, store: ModelStore, tmp_path: Path) -> None:
        styles = [{"voice": "alice", "speaker": 0}, {"voice": "alice", "emotion": "angry", "speaker": 1}]
        publish(tmp_path, store, "alice", "1", LOW_HZ, HIGH_HZ, voices=styles)
        async with serve() as http:
            answer = await spoken(http, input="Well [angry]not again[/angry].", text_type="tagged")
        sound = decode(answer.content, AudioLimits())
        middle = 5 * 2 * 320
        assert tone_of(Sound(sound.samples[:middle], 16_000)) == pytest.approx(LOW_HZ, abs=10)
        assert tone_of(Sound(sound.samples[-2 * middle :], 16_000)) == pytest.approx(HIGH_HZ, abs=10)

    @pytest.mark.parametrize(
        ("styles", "said"),
        [
            ([{"voice": "alice", "emotion": "angry"}], "no model speaks its usual way"),
            ([{"voice": "bob"}, {"voice": "bob", "emotion": "hungry"}], "no such emotion"),
            ([{"voice": "bob"}, {"voice": "bob", "emotion": "neutral"}], "another model speaks it"),
        ],
    )
    async def test_what_is_left_out_is_logged(
        self,
        serve: Serve,
        store: ModelStore,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
        styles: list[dict[str, str]],
        said: str,
    ) -> None:
        publish(tmp_path, store, "odd", "1", LOW_HZ, voices=styles)
        async with serve() as http:
            assert list(await voices(http)) == ["fake", *(["bob"] if styles[0]["voice"] == "bob" else [])]
        assert said in caplog.text


async def test_words_have_times(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    publish(tmp_path, store, "alice", "1", LOW_HZ)
    async with serve() as http:
        answer = await spoken(http, input="Hi extraordinary you.", response_format="json", speech_marks=["word"])
    times = [json.loads(line)["time"] for line in answer.content.splitlines()]
    assert times[0] < times[1] < times[2]
    assert times[2] - times[1] > 3 * (times[1] - times[0])


async def test_phonemes_of_espeak(serve: Serve, store: ModelStore, tmp_path: Path) -> None:
    """A word of few letters and many sounds lasts longer than one of many letters and few sounds."""
    symbols = {
        symbol: [index] for index, symbol in enumerate(["_", "^", "$", " ", *"aeiouæɑɒɔəɛɜɪʊʌɹθðʃʒŋbdfhjklmnpstvwz"])
    }
    parameters = {"front_end": front_end(phonemizer="espeak", symbols=symbols)}
    publish(tmp_path, store, "alice", "1", LOW_HZ, parameters=parameters)
    async with serve() as http:
        many, few = [
            len((await spoken(http, input=text, response_format="pcm")).content) for text in ("WWW", "thoroughly")
        ]
    assert many > 1.5 * few
