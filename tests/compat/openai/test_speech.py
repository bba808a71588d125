"""`client.audio.speech`: text in, sound out."""

import base64
import io
import json
import wave
from pathlib import Path

import httpx
import numpy as np
import openai
import pytest

from services.tts.voices import OPENAI_VOICES
from shared.audio import AudioLimits, Sound, decode
from shared.openai_names import SPEECH_MODELS

TEXT = "The meeting was moved to Thursday, because of the weather."
PCM_HZ = 24_000
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}


def spoken(client: openai.OpenAI, **members: object) -> bytes:
    order = {"model": "tts-1", "voice": "alloy", "input": TEXT, "response_format": "wav", **members}
    return client.audio.speech.create(**order).content  # type: ignore[arg-type]


def heard(content: bytes) -> Sound:
    return decode(content, AudioLimits(), sample_rate_hz=PCM_HZ)


@pytest.fixture(scope="module")
def pcm(client: openai.OpenAI) -> np.ndarray:
    return np.frombuffer(spoken(client, response_format="pcm"), "<i2")


class TestFormats:
    @pytest.mark.parametrize("kind", [kind for kind in MEDIA_TYPES if kind != "pcm"])
    def test_each_holds_the_same_speech(self, client: openai.OpenAI, pcm: np.ndarray, kind: str) -> None:
        answer = client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format=kind)  # type: ignore[arg-type]
        sound = heard(answer.content)
        assert answer.response.headers["content-type"] == MEDIA_TYPES[kind]
        assert sound.seconds == pytest.approx(len(pcm) / PCM_HZ, abs=0.15)
        assert np.sqrt(np.mean(sound.samples**2)) == pytest.approx(np.sqrt(np.mean((pcm / 32768) ** 2)), rel=0.1)

    def test_pcm_is_24_khz_16_bit_little_endian_mono(self, client: openai.OpenAI, pcm: np.ndarray) -> None:
        sound = heard(spoken(client))
        length = min(len(sound.samples), len(pcm))
        likeness = np.corrcoef(sound.samples[:length], pcm[:length])[0, 1]
        assert (length / PCM_HZ, likeness > 0.95) == (pytest.approx(sound.seconds, abs=0.05), True)

    def test_mp3_is_what_comes_unasked(self, client: openai.OpenAI) -> None:
        answer = client.audio.speech.create(model="tts-1", voice="alloy", input="Hi.")
        assert answer.response.headers["content-type"] == "audio/mpeg"
        assert heard(answer.content).seconds > 0.2

    def test_pythons_wave_reads_a_streamed_wav(self, client: openai.OpenAI) -> None:
        with wave.open(io.BytesIO(spoken(client))) as file:
            frames = file.readframes(file.getnframes())
            assert len(frames) / 2 / file.getframerate() == pytest.approx(heard(spoken(client)).seconds, abs=0.01)

    @pytest.mark.parametrize(("kind", "media_type"), [("mulaw", "audio/mulaw"), ("ogg_vorbis", "audio/ogg")])
    def test_formats_beyond_openais_pass_the_client(self, client: openai.OpenAI, kind: str, media_type: str) -> None:
        answer = client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format=kind)  # type: ignore[arg-type]
        assert answer.response.headers["content-type"] == media_type
        assert len(answer.content) > 1_000


class TestStreams:
    def test_sound_comes_while_more_is_spoken(self, client: openai.OpenAI, tmp_path: Path) -> None:
        text = " ".join(f"This is sentence number {number}." for number in range(12))
        with client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="ash", input=text, response_format="pcm"
        ) as answer:
            pieces = list(answer.iter_bytes())
        assert len(pieces) > 3
        assert len(b"".join(pieces)) % 2 == 0
        with client.audio.speech.with_streaming_response.create(model="tts-1", voice="ash", input=TEXT) as answer:
            answer.stream_to_file(tmp_path / "speech.mp3")
        assert heard((tmp_path / "speech.mp3").read_bytes()).seconds > 2

    @pytest.mark.anyio
    async def test_async(self, async_client: openai.AsyncOpenAI, pcm: np.ndarray) -> None:
        async with async_client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input=TEXT, response_format="pcm"
        ) as answer:
            content = b"".join([piece async for piece in answer.iter_bytes()])
        assert content == pcm.tobytes()
        whole = await async_client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format="pcm")
        assert whole.content == content

    def test_events(self, client: openai.OpenAI, pcm: np.ndarray) -> None:
        """The client has no types for these events: each is told as OpenAI's reference does."""
        with client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="alloy", input=TEXT, response_format="pcm", stream_format="sse"
        ) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
        *deltas, done = events
        assert {event["type"] for event in deltas} == {"speech.audio.delta"}
        assert b"".join(base64.b64decode(event["audio"]) for event in deltas) == pcm.tobytes()
        usage = done["usage"]
        assert done["type"] == "speech.audio.done"
        assert usage["input_tokens"] + usage["output_tokens"] == usage["total_tokens"] > 0


class TestVoices:
    @pytest.mark.parametrize("name", OPENAI_VOICES)
    def test_each_of_openais_names_speaks(self, client: openai.OpenAI, name: str) -> None:
        answer = client.audio.speech.create(model="tts-1", voice=name, input="Hi.", response_format="pcm")
        assert answer.response.headers["x-timbre-model"] == f"flite/{OPENAI_VOICES[name]}"
        assert len(answer.content) > PCM_HZ / 4

    def test_a_voice_by_its_id(self, client: openai.OpenAI) -> None:
        by_name, by_object = (spoken(client, voice=voice) for voice in ("rms", {"id": "rms"}))
        assert by_name == by_object != spoken(client, voice="slt")

    @pytest.mark.parametrize("model", ["timbre", *SPEECH_MODELS])
    def test_each_of_openais_models_is_ours(self, client: openai.OpenAI, model: str) -> None:
        assert spoken(client, model=model, input="Hi.") == spoken(client, model="timbre", input="Hi.")


class TestManner:
    def test_instructions_that_name_an_emotion_are_followed(self, client: openai.OpenAI) -> None:
        instructed = spoken(client, instructions="Speak in an angry tone.")
        assert instructed == spoken(client, extra_body={"emotion": "angry"}) != spoken(client)

    def test_other_instructions_change_nothing_and_that_is_said(self, client: openai.OpenAI) -> None:
        answer = client.audio.speech.create(
            model="gpt-4o-mini-tts", voice="alloy", input=TEXT, response_format="wav", instructions="Like a pirate."
        )
        assert answer.content == spoken(client)
        assert "ignored" in answer.response.headers["x-timbre-warning"]

    @pytest.mark.parametrize("speed", [0.5, 2.0, 4.0])
    def test_speed(self, client: openai.OpenAI, pcm: np.ndarray, speed: float) -> None:
        assert heard(spoken(client, speed=speed)).seconds == pytest.approx(len(pcm) / PCM_HZ / speed, rel=0.25)


class TestInput:
    def test_more_than_openais_4096_characters_are_taken(self, client: openai.OpenAI) -> None:
        text = "A long text goes on and on. " * 160
        assert len(text) > 4_096
        with client.audio.speech.with_streaming_response.create(
            model="tts-1", voice="alloy", input=text, response_format="pcm", speed=4
        ) as answer:
            assert answer.status_code == 200
            assert next(answer.iter_bytes())

    @pytest.mark.parametrize("text", [".", "...", "—", "?!"])
    def test_punctuation_alone_is_a_pause(self, client: openai.OpenAI, text: str) -> None:
        samples = heard(spoken(client, input=text)).samples
        assert 0.1 < len(samples) / PCM_HZ < 1
        assert not samples.any()

    def test_text_without_the_marks_asked_for(self, client: openai.OpenAI) -> None:
        marks = {"speech_marks": ["ssml"]}
        assert spoken(client, response_format="json", extra_body=marks) == b""

    @pytest.mark.parametrize(
        ("wrong", "param", "code"),
        [
            ({"input": ""}, "input", "invalid_input"),
            ({"input": " \n"}, "input", "invalid_input"),
            ({"input": "😀"}, "input", "invalid_input"),
            ({"response_format": "m4a"}, "response_format", "invalid_input"),
            ({"speed": 0.2}, "speed", "invalid_input"),
            ({"speed": 4.1}, "speed", "invalid_input"),
            ({"stream_format": "websocket"}, "stream_format", "invalid_input"),
            ({"instructions": "x" * 4_097}, "instructions", "invalid_input"),
            ({"voice": {"name": "slt"}}, "voice", "invalid_input"),
            ({"voice": ["slt"]}, "voice", "invalid_input"),
            ({"voice": "x" * 129}, "voice", "invalid_input"),
        ],
    )
    def test_what_is_wrong_names_its_member(
        self, client: openai.OpenAI, wrong: dict[str, object], param: str, code: str
    ) -> None:
        with pytest.raises(openai.BadRequestError) as refused:
            spoken(client, **wrong)
        assert (refused.value.type, refused.value.param, refused.value.code) == ("invalid_request_error", param, code)

    @pytest.mark.parametrize("wrong", [{"voice": "bella"}, {"model": "tts-9"}])
    def test_unknown_voices_and_models(self, client: openai.OpenAI, wrong: dict[str, str]) -> None:
        with pytest.raises(openai.NotFoundError) as refused:
            spoken(client, **wrong)
        assert (refused.value.param, refused.value.code) == (*wrong, "model_not_found")

    def test_too_long_a_text(self, client: openai.OpenAI) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            spoken(client, input="x" * 1_000_001)
        assert (refused.value.status_code, refused.value.code) == (413, "too_large")


class TestBodies:
    """What comes from programs that write the request themselves."""

    @pytest.mark.parametrize("empty", [None, ""])
    def test_members_that_are_empty_count_as_not_there(self, plain: httpx.Client, empty: str | None) -> None:
        names = ("model", "voice", "response_format", "speed", "stream_format", "instructions")
        answer = plain.post("/audio/speech", json={"input": "Hi.", **dict.fromkeys(names, empty)})
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
        assert answer.content == plain.post("/audio/speech", json={"input": "Hi."}).content

    def test_unknown_members_are_ignored(self, plain: httpx.Client) -> None:
        answer = plain.post("/audio/speech", json={"input": "Hi.", "stream": True, "lang_code": "a", "backend": "x"})
        assert answer.status_code == 200

    def test_a_body_in_pieces(self, plain: httpx.Client) -> None:
        pieces = iter([b'{"inp', b'ut": ', b'"Hi."}'])
        answer = plain.post("/audio/speech", content=pieces, headers={"Content-Type": "application/json"})
        assert answer.status_code == 200

    @pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded"])
    def test_json_that_does_not_say_so(self, plain: httpx.Client, kind: str | None) -> None:
        headers = {"Content-Type": kind} if kind else {}
        answer = plain.post("/audio/speech", content=b'{"input": "Hi."}', headers=headers)
        assert answer.status_code == 400
        assert "Content-Type: application/json" in answer.json()["error"]["message"]

    @pytest.mark.parametrize("body", [b'{"input":', b"[]", b'"Hi."', b"", '{"input": "é"}'.encode("latin-1")])
    def test_a_body_that_is_none(self, plain: httpx.Client, body: bytes) -> None:
        answer = plain.post("/audio/speech", content=body, headers={"Content-Type": "application/json"})
        error = answer.json()["error"]
        assert (answer.status_code, error["type"], error["param"]) == (400, "invalid_request_error", None)
