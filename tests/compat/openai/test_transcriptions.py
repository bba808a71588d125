"""`client.audio.transcriptions` and `client.audio.translations`: a recording in, text out."""

import io
import json
import re

import httpx
import numpy as np
import openai
import pytest
from openai.types.audio import (
    Transcription,
    TranscriptionTextDeltaEvent,
    TranscriptionTextDoneEvent,
    TranscriptionTextSegmentEvent,
    TranscriptionVerbose,
)
from pydantic import BaseModel

from shared.audio import Sound, encode
from shared.openai_names import TRANSCRIPTION_MODELS
from tests.compat.openai.conftest import HEARD, SENTENCE
from tests.sounds import files_of, silence, spoken

SECONDS = 1.545
"""Of the recording."""
EVENTS = {
    "transcript.text.delta": TranscriptionTextDeltaEvent,
    "transcript.text.segment": TranscriptionTextSegmentEvent,
    "transcript.text.done": TranscriptionTextDoneEvent,
}
pytestmark = pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
"""The client calls translations deprecated, as OpenAI will end the only model behind them."""


def file_of(recording: bytes) -> tuple[str, bytes]:
    return "house.wav", recording


def strictly(kind: type[BaseModel], answer: httpx.Response) -> dict[str, object]:
    """Return the members of an answer that has all that the client's type asks for; the client itself is lenient."""
    members: dict[str, object] = answer.json()
    kind.model_validate(members, strict=True)
    return members


class TestForms:
    def test_json(self, client: openai.OpenAI, recording: bytes) -> None:
        answer = client.audio.transcriptions.create(model="whisper-1", file=file_of(recording))
        assert isinstance(answer, Transcription)
        assert answer.text == HEARD
        assert answer.usage is not None
        assert (answer.usage.type, answer.usage.seconds) == ("duration", SECONDS)

    def test_text(self, client: openai.OpenAI, recording: bytes) -> None:
        answer = client.audio.transcriptions.create(model="whisper-1", file=file_of(recording), response_format="text")
        assert answer == f"{HEARD}\n"

    @pytest.mark.parametrize(("kind", "head", "point"), [("srt", "1\n", ","), ("vtt", "WEBVTT\n\n", r"\.")])
    def test_subtitles(self, client: openai.OpenAI, recording: bytes, kind: str, head: str, point: str) -> None:
        answer = client.audio.transcriptions.create(model="whisper-1", file=file_of(recording), response_format=kind)  # type: ignore[call-overload]
        clock = rf"00:00:0\d{point}\d{{3}}"
        assert re.fullmatch(rf"{head}{clock} --> {clock}\n{HEARD}\n\n", answer)

    @pytest.mark.parametrize("granularities", [["segment"], ["word"], ["word", "segment"]])
    def test_verbose_json(self, client: openai.OpenAI, recording: bytes, granularities: list[str]) -> None:
        answer = client.audio.transcriptions.create(
            model="whisper-1",
            file=file_of(recording),
            response_format="verbose_json",
            timestamp_granularities=granularities,  # type: ignore[arg-type]
        )
        assert isinstance(answer, TranscriptionVerbose)
        assert (answer.text, answer.language, answer.duration) == (HEARD, "english", SECONDS)
        segments, words = answer.segments or [], answer.words or []
        assert [segment.text for segment in segments] == [HEARD] * ("segment" in granularities)
        assert [word.word for word in words] == HEARD.split() * ("word" in granularities)
        times = [time for part in (*segments[:1], *words[:1]) for time in (part.start, part.end)]
        assert all(0 <= time <= SECONDS for time in times)

    @pytest.mark.parametrize(("kind", "shape"), [("json", Transcription), ("verbose_json", TranscriptionVerbose)])
    def test_the_shape_is_that_of_the_clients_types(
        self, client: openai.OpenAI, recording: bytes, kind: str, shape: type[BaseModel]
    ) -> None:
        for include in (["logprobs"], openai.omit):
            answer = client.audio.transcriptions.with_raw_response.create(
                model="gpt-4o-transcribe", file=file_of(recording), response_format=kind, include=include
            )  # type: ignore[call-overload]
            strictly(shape, answer.http_response)

    def test_log_probabilities(self, client: openai.OpenAI, recording: bytes) -> None:
        answer = client.audio.transcriptions.create(
            model="gpt-4o-transcribe", file=file_of(recording), include=["logprobs"]
        )
        logprobs = answer.logprobs or []
        assert [part.token for part in logprobs] == HEARD.split()
        assert [bytes(map(int, part.bytes or [])).decode() for part in logprobs] == HEARD.split()
        assert all(part.logprob is not None and part.logprob <= 0 for part in logprobs)

    @pytest.mark.parametrize("model", TRANSCRIPTION_MODELS)
    def test_each_of_openais_models_is_the_default(self, client: openai.OpenAI, recording: bytes, model: str) -> None:
        answer = client.audio.transcriptions.with_raw_response.create(model=model, file=file_of(recording))
        assert (answer.parse().text, answer.headers["x-timbre-model"]) == (HEARD, "pocketsphinx/5.1.1")

    @pytest.mark.anyio
    async def test_async(self, async_client: openai.AsyncOpenAI, recording: bytes) -> None:
        answer = await async_client.audio.transcriptions.create(model="whisper-1", file=file_of(recording))
        assert answer.text == HEARD

    def test_silence_has_no_text(self, client: openai.OpenAI) -> None:
        quiet = ("quiet.wav", encode(silence(2.0), "wav"))
        assert client.audio.transcriptions.create(model="whisper-1", file=quiet).text == ""


class TestStreams:
    @pytest.fixture(scope="class")
    @staticmethod
    def two_sentences() -> tuple[str, bytes]:
        first, second = spoken("slt", SENTENCE), spoken("rms", "Where is the railway station?")
        samples = np.concatenate([first.samples, silence(2.0).samples, second.samples])
        return "two.flac", encode(Sound(samples, first.sample_rate_hz), "flac")

    def test_events_are_of_the_clients_own_types(self, client: openai.OpenAI, two_sentences: tuple[str, bytes]) -> None:
        with client.audio.transcriptions.create(
            model="gpt-4o-mini-transcribe", file=two_sentences, stream=True, include=["logprobs"]
        ) as stream:
            told = list(stream)
        assert [type(event) for event in told] == [EVENTS[event.type] for event in told]
        deltas = [event.delta for event in told if isinstance(event, TranscriptionTextDeltaEvent)]
        done = told[-1]
        assert isinstance(done, TranscriptionTextDoneEvent)
        assert "".join(deltas) == done.text
        assert done.text.startswith("the old house")
        assert len(deltas) == 2
        assert [part.token for part in done.logprobs or []] == done.text.split()
        assert done.usage is not None
        assert done.usage.output_tokens == len(done.text.split())
        assert done.usage.input_tokens + done.usage.output_tokens == done.usage.total_tokens

    def test_events_have_all_that_those_types_ask_for(
        self, client: openai.OpenAI, two_sentences: tuple[str, bytes]
    ) -> None:
        with client.audio.transcriptions.with_streaming_response.create(
            model="gpt-4o-mini-transcribe", file=two_sentences, stream=True
        ) as answer:
            events = [json.loads(line.removeprefix("data: ")) for line in answer.iter_lines() if line]
        for event in events:
            EVENTS[event["type"]].model_validate(event, strict=True)
        assert {event["type"] for event in events} == set(EVENTS)

    @pytest.mark.anyio
    async def test_async(self, async_client: openai.AsyncOpenAI, recording: bytes) -> None:
        stream = await async_client.audio.transcriptions.create(model="whisper-1", file=file_of(recording), stream=True)
        assert [event.type async for event in stream] == list(EVENTS)

    def test_subtitles_are_none(self, client: openai.OpenAI, recording: bytes) -> None:
        with pytest.raises(openai.BadRequestError) as refused:
            client.audio.transcriptions.create(
                model="whisper-1", file=file_of(recording), stream=True, response_format="srt"
            )
        assert refused.value.param == "response_format"


class TestMembers:
    def test_those_of_a_careful_caller(self, client: openai.OpenAI, recording: bytes) -> None:
        answer = client.audio.transcriptions.create(
            model="gpt-4o-transcribe",
            file=file_of(recording),
            language="en",
            prompt="An old house.",
            temperature=0.2,
            chunking_strategy={"type": "server_vad", "silence_duration_ms": 500, "threshold": 0.5},
        )
        assert answer.text == HEARD

    def test_languages(self, client: openai.OpenAI, recording: bytes) -> None:
        create = client.audio.transcriptions.create
        assert create(model="gpt-transcribe", file=file_of(recording), languages=["de", "en"]).text == HEARD
        with pytest.raises(openai.BadRequestError) as refused:
            create(model="gpt-transcribe", file=file_of(recording), languages=["de", "fr"])
        assert (refused.value.param, refused.value.code) == ("languages", "unsupported_language")

    def test_keywords_are_for_models_that_heed_them(self, client: openai.OpenAI, recording: bytes) -> None:
        create = client.audio.transcriptions.create
        assert create(model="fake", file=file_of(recording), keywords=["house"]).text
        with pytest.raises(openai.BadRequestError) as refused:
            create(model="gpt-transcribe", file=file_of(recording), keywords=["house"])
        assert (refused.value.param, "keywords" in refused.value.message) == ("keywords", True)

    @pytest.mark.parametrize(
        "asked",
        [
            {"response_format": "diarized_json", "chunking_strategy": "auto"},
            {"known_speaker_names": ["Alice"], "known_speaker_references": ["data:audio/wav;base64,AAAA"]},
        ],
    )
    def test_speakers_are_not_told_apart_and_that_is_said(
        self, client: openai.OpenAI, recording: bytes, asked: dict[str, object]
    ) -> None:
        with pytest.raises(openai.BadRequestError, match="speakers are not told apart here") as refused:
            client.audio.transcriptions.create(model="gpt-4o-transcribe-diarize", file=file_of(recording), **asked)  # type: ignore[call-overload]
        assert refused.value.param in asked or refused.value.param == "known_speaker_names[]"

    @pytest.mark.parametrize(
        ("wrong", "param"),
        [
            ({"language": "de"}, "language"),
            ({"language": "English"}, "language"),
            ({"temperature": 1.1}, "temperature"),
            ({"response_format": "midi"}, "response_format"),
            ({"response_format": "verbose_json", "timestamp_granularities": ["letter"]}, "timestamp_granularities[].0"),
            ({"include": ["everything"]}, "include[].0"),
        ],
    )
    def test_what_is_wrong_names_its_member(
        self, client: openai.OpenAI, recording: bytes, wrong: dict[str, object], param: str
    ) -> None:
        with pytest.raises(openai.BadRequestError) as refused:
            client.audio.transcriptions.create(model="whisper-1", file=file_of(recording), **wrong)  # type: ignore[call-overload]
        assert (refused.value.type, refused.value.param) == ("invalid_request_error", param)

    def test_an_unknown_model(self, client: openai.OpenAI, recording: bytes) -> None:
        with pytest.raises(openai.NotFoundError) as refused:
            client.audio.transcriptions.create(model="whisper-9", file=file_of(recording))
        assert (refused.value.param, refused.value.code) == ("model", "model_not_found")


class TestFiles:
    """Whatever a file is called and said to be: its contents tell what it is."""

    @pytest.fixture(scope="class")
    @staticmethod
    def files() -> dict[str, bytes]:
        return files_of(spoken("slt", SENTENCE))

    @pytest.mark.parametrize("kind", ["wav", "mp3", "opus", "aac", "flac", "ogg_vorbis", "m4a", "webm"])
    def test_each_kind(self, client: openai.OpenAI, files: dict[str, bytes], kind: str) -> None:
        answer = client.audio.transcriptions.create(model="whisper-1", file=(f"house.{kind}", files[kind]))
        assert "the old house" in answer.text

    @pytest.mark.parametrize(
        ("name", "kind", "media_type"),
        [
            ("blob", "webm", "audio/webm;codecs=opus"),
            ("recording", "webm", "application/octet-stream"),
            ("clip.webm", "webm", "video/webm"),
            ("voice.mp4", "m4a", "video/mp4"),
            ("speech.mp3", "ogg_vorbis", "audio/mpeg"),
            ("../../etc/passwd; rm -rf x.wav", "wav", "audio/x-wav"),
            ("Grüße 日本.wav", "wav", "audio/vnd.wave"),
        ],
    )
    def test_names_and_types_do_not_matter(
        self, client: openai.OpenAI, files: dict[str, bytes], name: str, kind: str, media_type: str
    ) -> None:
        answer = client.audio.transcriptions.create(model="whisper-1", file=(name, files[kind], media_type))
        assert "the old house" in answer.text

    def test_open_files_and_bytes(self, client: openai.OpenAI, recording: bytes) -> None:
        assert client.audio.transcriptions.create(model="whisper-1", file=recording).text == HEARD
        assert client.audio.transcriptions.create(model="whisper-1", file=io.BytesIO(recording)).text == HEARD

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"", 400, "invalid_input"),
            (b"Dear Sir or Madam,", 415, "unsupported_media"),
            (b"RIFF", 415, "unsupported_media"),
        ],
    )
    def test_what_is_no_recording(self, client: openai.OpenAI, content: bytes, status: int, code: str) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            client.audio.transcriptions.create(model="whisper-1", file=("house.wav", content))
        assert (refused.value.status_code, refused.value.code, refused.value.param) == (status, code, "file")

    @pytest.mark.parametrize("more_bytes", [1, 2_000_000], ids=["the service", "NGINX"])
    def test_too_large_a_file(self, client: openai.OpenAI, more_bytes: int) -> None:
        with pytest.raises(openai.APIStatusError) as refused:
            client.audio.transcriptions.create(model="whisper-1", file=("a.wav", bytes(26_214_400 + more_bytes)))
        assert (refused.value.status_code, refused.value.code) == (413, "too_large")


class TestTranslations:
    def test_a_model_that_can(self, client: openai.OpenAI, recording: bytes) -> None:
        answer = client.audio.translations.create(model="fake", file=file_of(recording))
        assert answer.text
        assert answer.text.isupper()  # as this engine translates
        verbose = client.audio.translations.create(
            model="fake", file=file_of(recording), response_format="verbose_json", prompt="A house.", temperature=0.5
        )
        assert (verbose.language, verbose.text, verbose.duration) == ("english", answer.text, SECONDS)
        for kind, head in (("text", answer.text), ("srt", "1\n"), ("vtt", "WEBVTT")):
            told = client.audio.translations.create(model="fake", file=file_of(recording), response_format=kind)  # type: ignore[call-overload]
            assert told.startswith(head)

    def test_one_that_cannot(self, client: openai.OpenAI, recording: bytes) -> None:
        with pytest.raises(openai.BadRequestError, match="cannot translate") as refused:
            client.audio.translations.create(model="whisper-1", file=file_of(recording))
        assert refused.value.param == "model"


class TestBodies:
    """What comes from programs that write the request themselves."""

    def test_fields_that_are_empty_count_as_not_there(self, plain: httpx.Client, recording: bytes) -> None:
        names = ("model", "language", "prompt", "temperature", "response_format", "stream")
        answer = plain.post("/audio/transcriptions", files={"file": file_of(recording)}, data=dict.fromkeys(names, ""))
        assert (answer.status_code, answer.json()["text"]) == (200, HEARD)

    @pytest.mark.parametrize("name", [None, ""])
    def test_a_file_without_a_name_is_told_so(self, plain: httpx.Client, recording: bytes, name: str | None) -> None:
        answer = plain.post("/audio/transcriptions", files={"file": (name, recording, "audio/wav")})
        assert answer.status_code == 400
        assert "filename" in answer.json()["error"]["message"]

    def test_a_body_that_is_no_form(self, plain: httpx.Client, recording: bytes) -> None:
        raw = plain.post("/audio/transcriptions", content=recording, headers={"Content-Type": "audio/wav"})
        encoded = plain.post("/audio/transcriptions", json={"model": "whisper-1", "input_audio": {"data": ""}})
        for answer in (raw, encoded):
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_input")
            assert "multipart/form-data" in answer.json()["error"]["message"]

    def test_a_form_that_is_broken(self, plain: httpx.Client) -> None:
        kinds = ("multipart/form-data", "multipart/form-data; boundary=x")
        answers = [
            plain.post("/audio/transcriptions", content=b"--y", headers={"Content-Type": kind}) for kind in kinds
        ]
        assert [answer.status_code for answer in answers] == [400, 400]
