"""What programs send that speak OpenAI's dialect without OpenAI's client, as their sources have it."""

import io
import json
import secrets
import wave
from collections.abc import Iterator

import httpx
import openai
import pytest

from shared.audio import AudioLimits, decode, encode
from tests.compat.openai.conftest import HEARD, SENTENCE
from tests.sounds import files_of, spoken


@pytest.fixture(scope="module")
def webm() -> bytes:
    """As browsers record."""
    return files_of(spoken("slt", SENTENCE))["webm"]


class TestOpenWebUI:
    """open-webui, backend/open_webui/routers/audio.py."""

    def test_it_speaks(self, plain: httpx.Client) -> None:
        user = {"X-OpenWebUI-User-Name": "Al%20ice", "X-OpenWebUI-User-Email": "a@example.com"}
        body = {"model": "tts-1", "input": "Hello there.", "voice": "alloy"}
        answer = plain.post("/audio/speech", json=body, headers=user)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
        assert decode(answer.content, AudioLimits()).seconds > 0.4

    @pytest.mark.parametrize("language", ["en", None])
    def test_it_listens(self, plain: httpx.Client, recording: bytes, language: str | None) -> None:
        """Without a type of its own, named by a random id, and in pieces of unknown length."""
        answer = plain.post(
            "/audio/transcriptions",
            files={"file": ("0b7a1c52-2f4e-4a53-9f57-0e7a3c1c9d7e.wav", recording)},
            data={"model": "whisper-1", **({"language": language} if language else {})},
        )
        assert answer.json()["text"] == HEARD
        assert pieces(plain, recording).json()["text"] == HEARD

    def test_it_falls_back_from_a_language_that_the_model_does_not_know(
        self, plain: httpx.Client, recording: bytes
    ) -> None:
        sent = [
            plain.post("/audio/transcriptions", files={"file": ("a.wav", recording)}, data={"model": "", **language})
            for language in ({"language": "de"}, {})
        ]
        assert [answer.status_code for answer in sent] == [400, 200]

    @pytest.mark.parametrize("path", ["/audio/voices", "/audio/models"])
    def test_it_asks_for_lists_without_a_key_and_falls_back_to_names_we_know(
        self, plain: httpx.Client, address: str, path: str
    ) -> None:
        refused = httpx.get(f"{address}/v1{path}", trust_env=False)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "invalid_api_key")
        with_key = plain.get(path).json()[path.rpartition("/")[2]]
        assert all({"id", "name"} <= set(one) for one in with_key)
        fallback = [("tts-1", voice) for voice in ("alloy", "echo", "fable", "onyx", "nova", "shimmer")]
        for model, voice in [*fallback, ("tts-1-hd", "alloy")]:
            body = {"model": model, "voice": voice, "input": "Hi."}
            assert plain.post("/audio/speech", json=body).status_code == 200

    def test_a_base_url_that_ends_in_a_slash(self, plain: httpx.Client, address: str, recording: bytes) -> None:
        spoken = plain.post(f"{address}/v1//audio/speech", json={"input": "Hi."})
        told = plain.post(f"{address}/v1//audio/transcriptions", files={"file": ("a.wav", recording)})
        assert (spoken.status_code, told.json()["text"]) == (200, HEARD)

    def test_it_shows_the_message_of_an_error(self, plain: httpx.Client) -> None:
        answer = plain.post("/audio/speech", json={"model": "tts-1", "voice": "bella", "input": "Hi."})
        assert "voice" in answer.json()["error"]["message"]


def pieces(plain: httpx.Client, recording: bytes) -> httpx.Response:
    """Send a form as a stream of chunks."""
    boundary = secrets.token_hex(16)
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )

    def chunks() -> Iterator[bytes]:
        yield head.encode()
        file = io.BytesIO(recording)
        while chunk := file.read(7_001):
            yield chunk
        yield f"\r\n--{boundary}--\r\n".encode()

    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return plain.post("/audio/transcriptions", content=chunks(), headers=headers)


class TestLibreChat:
    """LibreChat, api/server/services/Files/Audio/{TTS,STT}Service.js."""

    def test_it_speaks(self, plain: httpx.Client) -> None:
        headers = {"Accept": "application/json, text/plain, */*", "User-Agent": "axios/1.8.2"}
        body = {"input": "Hello there.", "model": "tts-1", "voice": "shimmer", "backend": "openai"}
        with plain.stream("POST", "/audio/speech", json=body, headers=headers) as answer:
            assert answer.headers["content-type"] == "audio/mpeg"
            assert decode(answer.read(), AudioLimits()).seconds > 0.4

    def test_it_listens(self, plain: httpx.Client, webm: bytes) -> None:
        answer = plain.post(
            "/audio/transcriptions",
            files={"file": ("audio.webm", webm, "audio/webm")},
            data={"model": "whisper-1", "language": "en"},
        )
        assert "old house" in answer.json()["text"]


class TestAnythingLLM:
    """anything-llm, server/utils/TextToSpeech/openAiGeneric and collector/utils/WhisperProviders: OpenAI's client."""

    def test_it_speaks_and_listens(self, client: openai.OpenAI, recording: bytes) -> None:
        sound = client.audio.speech.create(model="tts-1", voice="alloy", input=SENTENCE)
        assert decode(sound.content, AudioLimits()).seconds > 1
        told = client.audio.transcriptions.create(file=("a.wav", recording), model="whisper-1", temperature=0)
        assert told.text == HEARD


class TestHomeAssistant:
    """The integrations sfortis/openai_tts, einToast/openai_stt_ha and fabio-garavini/ha-openai-whisper-stt-api."""

    @pytest.mark.parametrize(("presented", "status"), [(None, 200), ("wrong", 401)])
    def test_its_trial_of_a_key(self, plain: httpx.Client, presented: str | None, status: int) -> None:
        """Any status but 2xx says that the key cannot be used."""
        headers = {"Authorization": f"Bearer {presented}"} if presented else {}
        body = {"model": "tts-1", "input": ".", "voice": "alloy", "response_format": "mp3"}
        assert plain.post("/audio/speech", json=body, headers=headers).status_code == status

    def test_it_lists_voices(self, plain: httpx.Client) -> None:
        voices = plain.get("/audio/voices", params={"limit": 100}, headers={"User-Agent": "HomeAssistant-OpenAI-TTS"})
        assert {voice["id"] for voice in voices.json()["voices"]} >= {"slt", "rms"}

    def test_it_joins_answers_sentence_by_sentence(self, plain: httpx.Client) -> None:
        frames = []
        for text in ("The first sentence.", "And another.", "..."):
            body = {"model": "tts-1", "input": text, "voice": "onyx", "response_format": "wav", "speed": 1.0}
            with wave.open(io.BytesIO(plain.post("/audio/speech", json=body).content)) as file:
                frames.append((file.getframerate(), len(file.readframes(file.getnframes()))))
        rates = {rate for rate, _ in frames}
        assert len(rates) == 1
        assert all(count > 0 for _, count in frames)

    def test_it_listens(self, plain: httpx.Client, recording: bytes) -> None:
        form = {
            "file": ("whisper_audio.wav", recording, "audio/wav"),
            "model": (None, "gpt-4o-mini-transcribe"),
            "language": (None, "en-US"),
            "prompt": (None, ""),
            "temperature": (None, "0"),
            "response_format": (None, "json"),
        }
        assert plain.post("/audio/transcriptions", files=form).json()["text"] == HEARD


class TestBrowsers:
    @pytest.mark.parametrize(("name", "kind"), [("blob", "audio/webm;codecs=opus"), ("a.webm", "audio/webm")])
    def test_what_they_record(self, plain: httpx.Client, webm: bytes, name: str, kind: str) -> None:
        answer = plain.post("/audio/transcriptions", files={"file": (name, webm, kind)}, data={"model": "whisper-1"})
        assert "old house" in answer.json()["text"]

    def test_pages_of_other_addresses_may_not_call(self, address: str, key: str) -> None:
        """A key in a page is a key for all its readers: nothing here invites one."""
        asks = {
            "Origin": "https://example.com",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        }
        asked = httpx.options(f"{address}/v1/audio/speech", headers=asks, trust_env=False)
        called = httpx.get(
            f"{address}/v1/models",
            headers={"Origin": "https://example.com", "Authorization": f"Bearer {key}"},
            trust_env=False,
        )
        assert (asked.status_code, called.status_code) == (401, 200)
        assert not [name for name in (*asked.headers, *called.headers) if name.startswith("access-control-")]


class TestCurl:
    @pytest.mark.parametrize("accept", ["*/*", "audio/mpeg", "application/json", "text/html", ""])
    def test_any_accept(self, plain: httpx.Client, accept: str) -> None:
        answer = plain.post("/audio/speech", json={"input": "Hi."}, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")

    @pytest.mark.parametrize("path", ["/models", "/models/timbre", "/audio/voices", "/audio/models", "/files"])
    def test_head(self, plain: httpx.Client, path: str) -> None:
        answer = plain.head(path)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
        assert not answer.content

    def test_x_api_key(self, address: str, key: str) -> None:
        answer = httpx.get(f"{address}/v1/models", headers={"X-Api-Key": key}, trust_env=False)
        assert answer.status_code == 200

    def test_events_of_a_recording(self, plain: httpx.Client, recording: bytes) -> None:
        with plain.stream(
            "POST", "/audio/transcriptions", files={"file": ("a.wav", recording)}, data={"stream": "true"}
        ) as answer:
            events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
        assert events[-1]["text"] == HEARD

    def test_stereo_at_44_khz(self, plain: httpx.Client, recording: bytes) -> None:
        sound = decode(recording, AudioLimits(), sample_rate_hz=44_100)
        answer = plain.post("/audio/transcriptions", files={"file": ("a.mp3", encode(sound, "mp3"))})
        assert "old house" in answer.json()["text"]
