"""The speech call as OpenAI has it, and its additions, over the fake engine."""

import asyncio
import base64
import io
import json

import av
import httpx
import numpy as np
import openai
import pytest
import soundfile

from services.tts.app import create_app
from shared.audio import AUDIO_FORMATS, AudioLimits, decode
from shared.text.pauses import SENTENCE_PAUSE_SECONDS
from tests.services.tts.conftest import FAKE, asgi_client

THREE = "The first sentence. The second one! And a third?"


async def spoken(tts: httpx.AsyncClient, **members: object) -> httpx.Response:
    answer = await tts.post("/v1/audio/speech", json={"model": "tts-1", "voice": "alloy", "input": THREE, **members})
    assert answer.status_code == 200, answer.text
    return answer


def marks_of(answer: httpx.Response) -> list[dict[str, object]]:
    return [json.loads(line) for line in answer.content.splitlines()]


def events_of(answer: httpx.Response) -> list[dict[str, object]]:
    return [json.loads(event.removeprefix("data: ")) for event in answer.text.strip().split("\n\n")]


@pytest.mark.anyio
class TestFormats:
    @pytest.mark.parametrize("name", [name for name in AUDIO_FORMATS if name not in ("pcm", "mulaw", "alaw")])
    async def test_every_file_format_decodes_to_the_same_length(self, tts: httpx.AsyncClient, name: str) -> None:
        answer = await spoken(tts, response_format=name)
        reference = await spoken(tts, response_format="pcm")
        sound = decode(answer.content, AudioLimits())
        assert answer.headers["content-type"] == AUDIO_FORMATS[name].media_type
        assert sound.seconds == pytest.approx(len(reference.content) / 2 / 24_000, abs=0.2)

    @pytest.mark.parametrize(("name", "bytes_per_second"), [("pcm", 48_000), ("mulaw", 8_000), ("alaw", 8_000)])
    async def test_headless_formats_have_their_rates(
        self, tts: httpx.AsyncClient, name: str, bytes_per_second: int
    ) -> None:
        wav = decode((await spoken(tts, response_format="wav")).content, AudioLimits())
        answer = await spoken(tts, response_format=name)
        assert len(answer.content) / bytes_per_second == pytest.approx(wav.seconds, abs=0.05)

    async def test_sample_rate_is_the_callers(self, tts: httpx.AsyncClient) -> None:
        sound = decode((await spoken(tts, response_format="wav", sample_rate=8000)).content, AudioLimits())
        assert sound.sample_rate_hz == 8000

    async def test_speed_shortens(self, tts: httpx.AsyncClient) -> None:
        usual = len((await spoken(tts, response_format="pcm")).content)
        quick = len((await spoken(tts, response_format="pcm", speed=2.0)).content)
        assert quick < 0.75 * usual

    async def test_sentences_stand_apart_by_silence(self, tts: httpx.AsyncClient) -> None:
        pcm = np.frombuffer((await spoken(tts, response_format="pcm")).content, np.int16)
        silent = np.abs(pcm.astype(np.int32)) < 40
        changes = np.flatnonzero(np.diff(np.concatenate([[0], silent.astype(np.int8), [0]])))
        lengths = (changes[1::2] - changes[::2]) / 24_000
        assert (lengths > 0.8 * SENTENCE_PAUSE_SECONDS).sum() == 2


@pytest.mark.anyio
class TestProvenance:
    @pytest.mark.parametrize(
        "members", [{}, {"stream_format": "sse"}, {"response_format": "json", "speech_marks": ["word"]}]
    )
    async def test_every_answer_says_that_nobody_spoke_it(
        self, tts: httpx.AsyncClient, members: dict[str, object]
    ) -> None:
        answer = await spoken(tts, **members)
        assert (answer.headers["x-timbre-synthetic"], answer.headers["x-timbre-model"]) == ("true", "fake/fake")

    @pytest.mark.parametrize("name", [name for name in AUDIO_FORMATS if name not in ("pcm", "mulaw", "alaw")])
    async def test_every_file_says_it_too(self, tts: httpx.AsyncClient, name: str) -> None:
        with av.open(io.BytesIO((await spoken(tts, response_format=name)).content)) as file:
            metadata = {**file.metadata, **file.streams[0].metadata}
        comment = {member.lower(): value for member, value in metadata.items()}["comment"]
        assert comment == "Synthetic speech, made by Timbre with: fake/fake"

    async def test_all_that_speak_are_named_in_order(self, real_tts: httpx.AsyncClient) -> None:
        others = "<voice name='rms'>So!</voice> <lang xml:lang='de'>Ach so.</lang> <emphasis>So.</emphasis>"
        ssml = f"<speak>So. {others}</speak>"
        answer = await spoken(real_tts, input=ssml, text_type="ssml", voice="slt", response_format="wav")
        models = "flite/slt, flite/rms, espeak/espeak-de"
        assert answer.headers["x-timbre-model"] == models
        with soundfile.SoundFile(io.BytesIO(answer.content)) as file:
            assert file.comment.endswith(models)

    async def test_more_than_a_header_holds_are_left_out(self, real_tts: httpx.AsyncClient) -> None:
        voices = [voice["id"] for voice in (await real_tts.get("/v1/audio/voices")).json()["voices"]]
        ssml = "".join(f"<voice name='{voice}'>So.</voice>" for voice in voices)
        answer = await spoken(real_tts, input=f"<speak>{ssml}</speak>", text_type="ssml", voice="slt")
        assert len(voices) > 100
        assert answer.headers["x-timbre-model"].count(",") == 31

    async def test_a_voice_that_is_not_there_is_refused_before_anything_is_spoken(self, tts: httpx.AsyncClient) -> None:
        ssml = "<speak><s>One.</s><s>Two.</s><s><voice name='nobody'>Three.</voice></s></speak>"
        answer = await tts.post("/v1/audio/speech", json={"input": ssml, "text_type": "ssml"})
        assert (answer.status_code, answer.json()["param"]) == (404, "voice")


@pytest.mark.anyio
class TestMarks:
    async def test_offsets_are_bytes_and_times_rise(self, tts: httpx.AsyncClient) -> None:
        text = "Zoë wept. Joy came."
        answer = await spoken(tts, input=text, response_format="json", speech_marks=["word", "sentence"])
        marks = marks_of(answer)
        source = text.encode()
        assert answer.headers["content-type"] == "application/x-json-stream"
        assert [mark["value"] for mark in marks if mark["type"] == "sentence"] == ["Zoë wept.", "Joy came."]
        for mark in marks:
            assert source[mark["start"] : mark["end"]].decode() == mark["value"]
        times = [mark["time"] for mark in marks]
        assert times == sorted(times)

    async def test_ssml_marks_are_reached_between_their_words(self, tts: httpx.AsyncClient) -> None:
        ssml = "<speak>before <mark name='here'/>after</speak>"
        marks = marks_of(
            await spoken(tts, input=ssml, text_type="ssml", response_format="json", speech_marks=["word", "ssml"])
        )
        assert [mark["value"] for mark in marks] == ["before", "here", "after"]
        assert ssml[marks[1]["start"] : marks[1]["end"]] == "<mark name='here'/>"

    async def test_breaks_move_what_follows(self, tts: httpx.AsyncClient) -> None:
        async def second_word_ms(ssml: str) -> int:
            answer = await spoken(tts, input=ssml, text_type="ssml", response_format="json", speech_marks=["word"])
            return int(str(marks_of(answer)[1]["time"]))

        without = await second_word_ms("<speak>one two</speak>")
        with_break = await second_word_ms("<speak>one <break time='700ms'/> two</speak>")
        assert with_break - without == pytest.approx(700 - 50, abs=2)  # the fake engine's own gap is 50 ms, and counts


@pytest.mark.anyio
class TestEvents:
    async def test_deltas_make_the_file_and_done_comes_last(self, tts: httpx.AsyncClient) -> None:
        answer = await spoken(tts, stream_format="sse", response_format="pcm", speech_marks=["sentence"])
        events = events_of(answer)
        sound = b"".join(base64.b64decode(str(one["audio"])) for one in events if one["type"] == "speech.audio.delta")
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert sound == (await spoken(tts, response_format="pcm")).content
        assert events[-1]["type"] == "speech.audio.done"
        assert events[-1]["usage"]["total_tokens"] > 0
        assert sum(len(one["marks"]) for one in events if one["type"] == "speech.audio.marks") == 3


@pytest.mark.anyio
class TestLittle:
    @pytest.mark.parametrize("empty", [None, ""])
    async def test_an_empty_member_counts_as_not_there(self, tts: httpx.AsyncClient, empty: str | None) -> None:
        names = ("model", "voice", "response_format", "speed", "emotion", "language")
        assert (await spoken(tts, **dict.fromkeys(names, empty))).content == (
            await tts.post("/v1/audio/speech", json={"input": THREE})
        ).content

    @pytest.mark.parametrize("text", [".", "... ?!", "—", "。"])
    async def test_punctuation_alone_is_a_pause(self, tts: httpx.AsyncClient, text: str) -> None:
        sound = decode((await spoken(tts, input=text, response_format="wav")).content, AudioLimits())
        assert (sound.seconds, sound.samples.any()) == (pytest.approx(0.3, abs=0.01), False)

    @pytest.mark.parametrize("text", ["Hi.", "."])
    async def test_no_mark_of_the_types_asked_for(self, tts: httpx.AsyncClient, text: str) -> None:
        answer = await spoken(tts, input=text, response_format="json", speech_marks=["ssml"])
        assert answer.content == b""


@pytest.mark.anyio
class TestRefusals:
    @pytest.mark.parametrize(
        ("members", "status", "param"),
        [
            ({"input": ""}, 400, "input"),
            ({"input": "   "}, 400, "input"),
            ({"input": None}, 400, "input"),
            ({"voice": {"name": "fake"}}, 400, "voice"),
            ({"voice": 7}, 400, "voice"),
            ({"input": "a\x00b"}, 400, "input"),
            ({"input": "😀 🎉"}, 400, "input"),
            ({"input": "😀", "response_format": "json", "speech_marks": ["word"]}, 400, "input"),
            ({"input": "😀", "stream_format": "sse"}, 400, "input"),
            ({"voice": "nobody"}, 404, "voice"),
            ({"model": "gpt-9"}, 404, "model"),
            ({"speed": 9}, 400, "speed"),
            ({"speed": "fast"}, 400, "speed"),
            ({"response_format": "mid"}, 400, "response_format"),
            ({"emotion": "hungry"}, 400, "emotion"),
            ({"intensity": 0}, 400, "intensity"),
            ({"sample_rate": 12345}, 400, "sample_rate"),
            ({"speech_marks": ["word"]}, 400, None),
            ({"instructions": "x" * 5000}, 400, "instructions"),
            ({"input": "[angri]no[/angri]", "text_type": "tagged"}, 400, None),
            ({"input": "<speak><blink>no</blink></speak>", "text_type": "ssml"}, 400, None),
            ({"input": "x" * 1_000_001}, 413, None),
        ],
    )
    async def test_clear_answers(
        self, tts: httpx.AsyncClient, members: dict[str, object], status: int, param: str | None
    ) -> None:
        answer = await tts.post(
            "/v1/audio/speech", json={"model": "tts-1", "voice": "alloy", "input": "Hi.", **members}
        )
        body = answer.json()
        assert answer.status_code == body["status"] == status, body
        assert body["error"]["message"]
        if param:
            assert body["param"] == param

    async def test_lone_surrogates_are_refused(self, tts: httpx.AsyncClient) -> None:
        answer = await tts.post(
            "/v1/audio/speech", content=rb'{"input": "a\ud800b"}', headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400

    async def test_full_queue_is_429(self) -> None:
        app = create_app(FAKE.model_copy(update={"requests_at_once": 1, "queue": 0}))
        async with asgi_client(app) as http:
            answers = await asyncio.gather(*(http.post("/v1/audio/speech", json={"input": THREE}) for _ in range(5)))
        busy = [answer for answer in answers if answer.status_code == 429]
        assert busy
        assert all(answer.headers["retry-after"] for answer in busy)
        assert any(answer.status_code == 200 for answer in answers)


@pytest.mark.anyio
class TestInstructions:
    async def test_one_emotion_is_spoken_anything_else_is_warned_of(self, tts: httpx.AsyncClient) -> None:
        plain = await spoken(tts, response_format="pcm")
        named = await spoken(tts, response_format="pcm", instructions="Sound cheerful, please.")
        vague = await spoken(tts, response_format="pcm", instructions="Like a pirate.")
        assert "x-timbre-warning" not in named.headers
        assert "instructions" in vague.headers["x-timbre-warning"]
        assert vague.content == plain.content != named.content


@pytest.mark.anyio
async def test_two_hundred_callers_each_get_their_own(tts: httpx.AsyncClient) -> None:
    """The fake engine's tones depend on the words, so a mix-up cannot pass."""
    texts = [f"caller {number} says {number * 7919}" for number in range(40)]
    alone = [(await spoken(tts, input=text, response_format="pcm")).content for text in texts]
    assert len(set(alone)) == len(texts)
    gate = asyncio.Semaphore(16)

    async def call(number: int) -> bool:
        async with gate:
            answer = await spoken(tts, input=texts[number % 40], response_format="pcm")
        return answer.content == alone[number % 40]

    assert all(await asyncio.gather(*(call(number) for number in range(200))))


@pytest.mark.anyio
async def test_voices_have_the_shape_open_webui_reads(tts: httpx.AsyncClient) -> None:
    (voice,) = (await tts.get("/v1/audio/voices")).json()["voices"]
    assert {"id", "name", "language", "gender", "engine", "licence", "emotions"} <= voice.keys()
    assert voice["emotions"]["neutral"] == {"model": "fake/fake", "style": "neutral", "fallback": False}
    assert voice["emotions"]["angry"] == {"model": "fake/fake", "style": "angry", "fallback": True}


class TestOpenAIClient:
    """The real client, unmodified."""

    def test_speech_and_streaming(self, address: str) -> None:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="tmb_x", max_retries=0)
        whole = client.audio.speech.create(model="tts-1", voice="nova", input=THREE, response_format="wav").content
        assert decode(whole, AudioLimits()).seconds > 1
        with client.audio.speech.with_streaming_response.create(
            model="gpt-4o-mini-tts", voice="coral", input=THREE, response_format="pcm"
        ) as stream:
            assert len(list(stream.iter_bytes(1024))) > 5
        client.close()

    def test_errors_are_the_clients_own_classes(self, address: str) -> None:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="tmb_x", max_retries=0)
        with pytest.raises(openai.BadRequestError) as bad:
            client.audio.speech.create(model="tts-1", voice="nova", input="Hi.", speed=8)
        with pytest.raises(openai.NotFoundError) as missing:
            client.audio.speech.create(model="tts-1", voice="nobody", input="Hi.")
        assert (bad.value.param, missing.value.code) == ("speed", "model_not_found")
        client.close()
