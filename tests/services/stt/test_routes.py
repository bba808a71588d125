"""OpenAI's calls as documented: every format, wishes, events, limits, and nobody gets another's."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence

import httpx
import numpy as np
import pytest

from services.stt.engine import Segment, Wishes
from services.stt.engines.fake import Fake
from shared.audio import Samples, Sound, encode
from tests.gate import Gate
from tests.problems import slug
from tests.recordings import LIMITS, NAMES, REFUSED, WRONG_FORMS
from tests.services.stt.conftest import Serve
from tests.services.stt.heard import conversation, segments_of, sped_up, text_of
from tests.serving import sent_to_one_who_leaves
from tests.sounds import FILE_FORMATS, RATE_HZ, files_of, silence

PATH = "/v1/audio/transcriptions"

pytestmark = pytest.mark.anyio


async def post(
    http: httpx.AsyncClient, sound: Sound | bytes, path: str = PATH, name: str = "recording", **wishes: object
) -> httpx.Response:
    recording = sound if isinstance(sound, bytes) else encode(sound, "wav")
    return await http.post(path, files={"file": (name, recording)}, data=wishes)


def events_of(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.endswith("\n\n")
    return [json.loads(event.removeprefix("data: ")) for event in answer.text.split("\n\n")[:-1]]


class TestAnswer:
    async def test_json(self, serve: Serve, speech: Sound) -> None:
        async with serve() as http:
            answer = await post(http, speech)
        assert answer.json() == {
            "text": text_of(speech),
            "usage": {"type": "duration", "seconds": round(speech.seconds, 3)},
        }
        assert answer.headers["content-type"] == "application/json"
        assert (answer.headers["x-timbre-model"], answer.headers["x-timbre-language"]) == ("fake/1", "en")
        assert "x-timbre-warning" not in answer.headers

    @pytest.mark.parametrize("format_name", FILE_FORMATS)
    async def test_every_file_format(self, serve: Serve, files: dict[str, bytes], format_name: str) -> None:
        async with serve() as http:
            answer = await post(http, files[format_name])
        assert answer.status_code == 200, answer.text
        assert answer.json()["text"]

    @pytest.mark.parametrize("response_format", ["text", "srt", "vtt", "verbose_json"])
    async def test_every_form(self, serve: Serve, speech: Sound, response_format: str) -> None:
        async with serve() as http:
            answer = await post(http, speech, response_format=response_format)
        assert answer.status_code == 200
        for segment in segments_of(speech):
            assert segment.text in answer.text

    async def test_times_of_words_and_segments(self, serve: Serve, speech: Sound) -> None:
        wishes = {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]}
        async with serve() as http:
            answer = (await post(http, conversation(speech, 2), **wishes)).json()
        assert answer["text"] == " ".join(segment["text"] for segment in answer["segments"])
        assert answer["text"].split() == [word["word"] for word in answer["words"]]
        assert [segment["id"] for segment in answer["segments"]] == list(range(len(answer["segments"])))
        ends = [0.0, *(word["end"] for word in answer["words"])]
        assert all(end <= word["start"] < word["end"] for end, word in zip(ends, answer["words"], strict=False))

    async def test_brackets_may_be_left_out(self, serve: Serve, speech: Sound) -> None:
        async with serve() as http:
            answer = await post(http, speech, response_format="verbose_json", timestamp_granularities=["word"])
        assert answer.json()["words"]

    async def test_translation(self, serve: Serve, speech: Sound) -> None:
        async with serve() as http:
            answer = await post(http, speech, "/v1/audio/translations", response_format="verbose_json")
        assert (answer.json()["task"], answer.json()["language"]) == ("translate", "english")
        assert answer.json()["text"] == text_of(speech).upper()

    @pytest.mark.parametrize("seconds", [0.01, 1.0, 40.0])
    @pytest.mark.parametrize("level", [0.0, 0.2])
    async def test_silence_and_noise_have_no_words(self, serve: Serve, seconds: float, level: float) -> None:
        noise = np.random.default_rng(3).normal(scale=level, size=round(seconds * RATE_HZ)).clip(-1, 1)
        async with serve() as http:
            answer = await post(http, Sound(noise.astype(np.float32), RATE_HZ), response_format="verbose_json")
        assert (answer.json()["text"], answer.json()["segments"], answer.json()["duration"]) == ("", [], seconds)

    async def test_the_name_of_a_file_makes_no_difference(self, serve: Serve, speech: Sound) -> None:
        async with serve() as http:
            answers = [(await post(http, speech, name=name)).text for name in NAMES]
        assert len(set(answers)) == 1


class TestEvents:
    async def test_text_comes_as_segments_end(self, serve: Serve, speech: Sound) -> None:
        turns = conversation(speech, 3)
        async with serve() as http:
            told = events_of(await post(http, turns, stream="true"))
            whole = (await post(http, turns, response_format="verbose_json")).json()
        *parts, done = told
        assert [event["type"] for event in parts] == ["transcript.text.delta", "transcript.text.segment"] * (
            len(parts) // 2
        )
        assert len(parts) == 2 * len(whole["segments"]) > 2
        assert "".join(str(event["delta"]) for event in parts[::2]) == done["text"] == whole["text"]
        for event, segment in zip(parts[1::2], whole["segments"], strict=True):
            assert {name: event[name] for name in ("start", "end", "text")} == {
                name: segment[name] for name in ("start", "end", "text")
            }
        assert done["type"] == "transcript.text.done"
        tenths, words = round(whole["duration"] * 10), len(whole["text"].split())
        assert done["usage"] == {
            "type": "tokens",
            "input_tokens": tenths,
            "output_tokens": words,
            "total_tokens": tenths + words,
            "input_token_details": {"audio_tokens": tenths, "text_tokens": 0},
        }

    async def test_the_first_text_waits_for_no_second_utterance(
        self, serve: Serve, speech: Sound, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batches, transcribe = [], Fake.transcribe

        def told(engine: Fake, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
            batches.append(len(utterances))
            return transcribe(engine, utterances, wishes)

        async with serve() as http:
            monkeypatch.setattr(Fake, "transcribe", told)
            await post(http, conversation(speech, 3), stream="true")
            await post(http, conversation(speech, 3))
        assert batches == [1, 1, 1, 3]

    async def test_silence(self, serve: Serve) -> None:
        async with serve() as http:
            [done] = events_of(await post(http, silence(2.0), stream="true"))
        assert (done["type"], done["text"]) == ("transcript.text.done", "")

    async def test_logprobs(self, serve: Serve, speech: Sound) -> None:
        async with serve() as http:
            *_, done = events_of(await post(http, speech, stream="true", **{"include[]": "logprobs"}))
        assert [word["token"] for word in done["logprobs"]] == str(done["text"]).split()

    async def test_a_problem_before_the_first_event_is_an_answer(self, serve: Serve) -> None:
        async with serve() as http:
            answer = await post(http, b"Dear Sir or Madam", stream="true")
        assert (answer.status_code, slug(answer)) == (415, "unsupported-media")

    async def test_a_problem_behind_it_is_the_last_event(self, serve: Serve, speech: Sound) -> None:
        async with serve(max_recording_seconds=60.0) as http:
            recording = encode(conversation(speech, 12), "flac")
            *told, last = events_of(await post(http, recording, stream="true"))
        assert any(event["type"] == "transcript.text.delta" for event in told)
        assert last["type"] == "error"
        assert (last["error"]["code"], last["error"]["param"]) == ("too_large", "file")


class TestWishes:
    async def test_what_the_engine_is_asked(self, serve: Serve, speech: Sound, asked: list[Wishes]) -> None:
        wishes = {"language": "en-GB", "prompt": "Once", "temperature": "0.5", "keywords[]": ["fox", "hen"]}
        async with serve() as http:
            answer = await post(http, speech, **wishes)
        assert asked[-1] == Wishes("transcribe", "en", "Once", 0.5, ("fox", "hen"), word_times=False)
        assert "x-timbre-warning" not in answer.headers

    @pytest.mark.parametrize(
        ("wishes", "language"),
        [
            ({"languages[]": ["de"]}, "de"),
            ({"languages[]": ["de", "fr"]}, None),
            ({"language": "pt_BR"}, "pt"),
            ({"language": ""}, None),
        ],
    )
    async def test_languages(
        self, serve: Serve, speech: Sound, asked: list[Wishes], wishes: dict[str, object], language: str | None
    ) -> None:
        async with serve() as http:
            assert (await post(http, speech, **wishes)).status_code == 200
        assert asked[-1].language == language

    @pytest.mark.parametrize(
        "wishes",
        [
            {"chunking_strategy": "auto"},
            {"chunking_strategy": '{"type": "server_vad"}'},
            {"chunking_strategy[type]": "server_vad", "chunking_strategy[threshold]": "0.5"},
            {"stream": "false"},
            {"user": "somebody", "anything": "else"},
        ],
    )
    async def test_what_is_harmless_is_taken(self, serve: Serve, speech: Sound, wishes: dict[str, str]) -> None:
        async with serve() as http:
            answer = await post(http, speech, **wishes)
        assert (answer.status_code, answer.json()["text"]) == (200, text_of(speech))

    async def test_what_is_ignored_is_told_and_not_worked_at(
        self, serve: Serve, speech: Sound, asked: list[Wishes]
    ) -> None:
        wishes = {"timestamp_granularities[]": "word", "response_format": "srt", "include[]": "logprobs"}
        async with serve() as http:
            answer = await post(http, speech, **wishes)
        assert answer.headers["x-timbre-warning"].startswith("timestamp_granularities[], include[]: ")
        assert not asked[-1].word_times

    @pytest.mark.parametrize(
        ("response_format", "stream", "ignored"),
        [
            ("json", "false", ["timestamp_granularities[]"]),
            ("json", "true", ["timestamp_granularities[]"]),
            ("verbose_json", "false", ["include[]"]),
            ("verbose_json", "true", ["timestamp_granularities[]"]),
            ("text", "false", ["timestamp_granularities[]", "include[]"]),
            ("text", "true", ["timestamp_granularities[]"]),
        ],
    )
    async def test_what_an_answer_has_no_room_for(
        self, serve: Serve, response_format: str, stream: str, ignored: list[str]
    ) -> None:
        wishes = {"timestamp_granularities[]": "word", "include[]": "logprobs"}
        async with serve() as http:
            answer = await post(http, silence(0.1), response_format=response_format, stream=stream, **wishes)
        assert answer.headers["x-timbre-warning"].partition(": ")[0].split(", ") == ignored

    @pytest.mark.parametrize(
        ("wishes", "param"),
        [
            ({"response_format": "diarized_json"}, "response_format"),
            ({"response_format": "srt", "stream": "true"}, "response_format"),
            ({"known_speaker_names[]": ["Anna"]}, "known_speaker_names[]"),
            ({"known_speaker_references[]": ["data:audio/wav;base64,AA"]}, "known_speaker_references[]"),
            ({"temperature": "1.5"}, "temperature"),
            ({"temperature": "nan"}, "temperature"),
            ({"language": "../etc"}, "language"),
            ({"timestamp_granularities[]": "sentence"}, "timestamp_granularities[].0"),
            ({"include[]": "everything"}, "include[].0"),
            ({"keywords[]": [f"pumpernickel{number}" for number in range(101)]}, "keywords[]"),
            ({"stream": "perhaps"}, "stream"),
            ({"model": "x" * 130}, "model"),
        ],
    )
    async def test_wishes_that_cannot_be_met(
        self, serve: Serve, speech: Sound, wishes: dict[str, object], param: str
    ) -> None:
        async with serve() as http:
            answer = await post(http, speech, **wishes)
        assert (answer.status_code, slug(answer), answer.json()["param"]) == (400, "invalid-input", param)
        assert answer.json()["error"]["param"] == param
        assert "pumpernickel" not in answer.text

    async def test_the_model_by_name(self, serve: Serve) -> None:
        async with serve() as http:
            for name in ("fake", "fake/1", "", "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe"):
                answer = await post(http, silence(0.1), model=name)
                assert (answer.status_code, answer.headers["x-timbre-model"]) == (200, "fake/1")
            for name in ("fake/2", "whisper", "../fake", "x" * 129):
                answer = await post(http, silence(0.1), model=name)
                assert (answer.status_code, slug(answer), answer.json()["param"]) == (404, "model-not-found", "model")


class TestRefusals:
    @pytest.mark.parametrize(("recording", "status", "expected"), REFUSED)
    async def test_what_is_no_recording(self, serve: Serve, recording: bytes, status: int, expected: str) -> None:
        async with serve() as http:
            answer = await post(http, recording)
        assert (answer.status_code, slug(answer)) == (status, expected)
        assert answer.json()["param"] == answer.json()["error"]["param"] == "file"

    async def test_limits_are_named(self, serve: Serve, speech: Sound) -> None:
        for settings, limit in LIMITS:
            async with serve(**settings) as http:
                answer = await post(http, speech)
            assert (answer.status_code, slug(answer), answer.json()["limit"]) == (413, "too-large", limit)

    async def test_work_that_takes_too_long(self, serve: Serve, speech: Sound) -> None:
        async with serve(max_transcription_seconds=1e-9) as http:
            answer = await post(http, speech)
        assert (answer.status_code, slug(answer)) == (504, "timed-out")

    async def test_an_engine_that_hangs(self, serve: Serve, speech: Sound, gate: Gate) -> None:
        """Its thread cannot be ended, but nobody waits for it."""
        async with serve(max_transcription_seconds=2.0, slots=2) as http:
            answer = await post(http, speech)
            assert (answer.status_code, slug(answer)) == (504, "timed-out")
            gate.open()

    @pytest.mark.parametrize("form", WRONG_FORMS)
    async def test_other_forms(self, serve: Serve, form: dict[str, object]) -> None:
        async with serve() as http:
            answer = await http.post(PATH, **form)
        assert (answer.status_code, slug(answer)) == (400, "invalid-input")


class TestTogether:
    async def test_full_queue_is_busy(self, serve: Serve, speech: Sound, gate: Gate) -> None:
        async with serve(recordings_at_once=1, queue=0) as http:
            first = asyncio.create_task(post(http, speech))
            await gate.entered()
            refused = await post(http, speech)
            gate.open()
            assert (await first).status_code == 200
        assert (refused.status_code, slug(refused), refused.headers["retry-after"]) == (429, "busy", "1")

    async def test_a_long_recording_lets_others_have_their_turn(self, serve: Serve, speech: Sound, gate: Gate) -> None:
        async with serve(slots=1) as http:
            long = asyncio.create_task(post(http, conversation(speech, 40)))
            await gate.entered()
            short = asyncio.create_task(post(http, speech))
            gate.open()
            assert (await short).json()["text"] == text_of(speech)
            assert not long.done()
            assert (await long).status_code == 200

    @pytest.mark.parametrize("stream", ["false", "true"])
    async def test_work_ends_when_the_client_leaves(self, serve: Serve, speech: Sound, gate: Gate, stream: str) -> None:
        async with serve(recordings_at_once=1, queue=0) as http:
            recording = encode(conversation(speech, 40), "wav")
            request = http.build_request("POST", PATH, files={"file": recording}, data={"stream": stream})
            sent = await sent_to_one_who_leaves(http, request, gate.entered)
            gate.open()
            assert sent[0]["status"] == (499 if stream == "false" else 200)
            assert (await post(http, speech)).status_code == 200
        assert gate.brought < 20, "the rest of five minutes was written down for nobody"

    async def test_a_slot_is_held_until_the_last_event(self, serve: Serve, speech: Sound, gate: Gate) -> None:
        async with serve(recordings_at_once=1, queue=0) as http:
            streaming = asyncio.create_task(post(http, conversation(speech, 40), stream="true"))
            await gate.entered()
            assert (await post(http, speech)).status_code == 429
            gate.open()
            assert (await streaming).status_code == 200
            assert (await post(http, speech)).status_code == 200

    async def test_twenty_callers_get_their_own_answers(self, serve: Serve, speech: Sound) -> None:
        voices = [sped_up(speech, 0.7 + 0.04 * number) for number in range(20)]
        expected = [text_of(voice) for voice in voices]
        assert len(set(expected)) > 10
        async with serve(recordings_at_once=20) as http:
            answers = await asyncio.gather(*(post(http, voice) for voice in voices))
        assert [answer.json()["text"] for answer in answers] == expected

    async def test_metrics_and_logs_hold_nothing_of_the_recording(
        self, serve: Serve, speech: Sound, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level("DEBUG", logger="timbre"):
            async with serve() as http:
                text = (await post(http, speech, name="Pumpernickel.wav", prompt="Pumpernickel")).json()["text"]
                await post(http, b"Pumpernickel", name="Pumpernickel.wav", language="Pumpernickel")
                metrics = (await http.get("/metrics")).text
        logged = json.dumps([record.__dict__ for record in caplog.records], default=str)
        assert "Pumpernickel" not in logged + metrics
        assert not set(text.split()) & set(logged.split())
        assert 'timbre_engine_duration_seconds_count{engine="fake"} 1.0' in metrics


@pytest.fixture
async def gate(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gate]:
    """The fake engine hears only when the gate is open; it warms up in spite of it."""
    gate, transcribe = Gate(), Fake.transcribe

    def gated(engine: Fake, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        if any(samples.any() for samples in utterances):
            gate.pass_through(len(utterances))
        return transcribe(engine, utterances, wishes)

    monkeypatch.setattr(Fake, "transcribe", gated)
    yield gate
    gate.open()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Wishes]:
    """What the engine was asked for."""
    asked, transcribe = [], Fake.transcribe

    def told(engine: Fake, utterances: Sequence[Samples], wishes: Wishes) -> list[list[Segment]]:
        asked.append(wishes)
        return transcribe(engine, utterances, wishes)

    monkeypatch.setattr(Fake, "transcribe", told)
    return asked


@pytest.fixture(scope="module")
def files(speech: Sound) -> dict[str, bytes]:
    """The speech in every kind of file."""
    return files_of(speech)
