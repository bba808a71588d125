"""The forms of an answer, whatever was said in it."""

import io
import json
import re

import pytest
from fastapi import UploadFile
from hypothesis import given
from hypothesis import strategies as st

from services.stt.engine import Segment, Word
from services.stt.formats import media_type_of, render
from services.stt.schemas import TranscriptionForm
from services.stt.transcripts import Transcript
from shared.transcription import Task

HOSTILE = [
    "<script>alert(1)</script>",
    "a --> b",
    "two\n\nlines\r\n3\n00:00:01,000 --> 00:00:02,000",
    "&amp;",
    "\x00\x1b[2J",
]
_TIMES = r"(\d\d+:[0-5]\d:[0-5]\d{0}\d{{3}}) --> (\d\d+:[0-5]\d:[0-5]\d{0}\d{{3}})"


def form(response_format: str, **members: object) -> TranscriptionForm:
    return TranscriptionForm(file=UploadFile(io.BytesIO()), response_format=response_format, **members)


def body(transcript: Transcript, response_format: str, **members: object) -> str:
    return render(transcript, form(response_format, **members)).decode()


def said(*texts: str, language: str | None = "en", task: Task = "transcribe") -> Transcript:
    segments = [
        Segment(text, number * 2.0, number * 2.0 + 1.5, words=(Word(text, number * 2.0, number * 2.0 + 1.5, 0.5),))
        for number, text in enumerate(texts)
    ]
    return Transcript(segments, 2.0 * len(texts), language, task)


class TestJson:
    def test_short(self) -> None:
        assert json.loads(body(said("Hello.", "World."), "json")) == {
            "text": "Hello. World.",
            "usage": {"type": "duration", "seconds": 4.0},
        }

    def test_logprobs_where_they_are_asked_for(self) -> None:
        [logprob] = json.loads(body(said("Héllo"), "json", **{"include[]": ["logprobs"]}))["logprobs"]
        assert (logprob["token"], bytes(logprob["bytes"]).decode()) == ("Héllo", "Héllo")
        assert logprob["logprob"] == pytest.approx(-0.693, abs=1e-3)

    def test_verbose(self) -> None:
        answer = json.loads(body(said("Hello.", "World."), "verbose_json"))
        assert list(answer) == ["task", "language", "duration", "text", "segments", "usage"]
        assert (answer["task"], answer["language"], answer["duration"]) == ("transcribe", "english", 4.0)
        assert answer["segments"][1] == {
            "id": 1,
            "seek": 200,
            "start": 2.0,
            "end": 3.5,
            "text": "World.",
            "tokens": [],
            "temperature": 0.0,
            "avg_logprob": 0.0,
            "compression_ratio": 1.0,
            "no_speech_prob": 0.0,
        }

    @pytest.mark.parametrize(
        ("granularities", "present"),
        [
            ([], {"segments"}),
            (["segment"], {"segments"}),
            (["word"], {"words"}),
            (["word", "segment"], {"segments", "words"}),
        ],
    )
    def test_granularities(self, granularities: list[str], present: set[str]) -> None:
        answer = json.loads(body(said("Hi."), "verbose_json", **{"timestamp_granularities[]": granularities}))
        assert answer.keys() & {"segments", "words"} == present
        if "words" in present:
            assert answer["words"] == [{"word": "Hi.", "start": 0.0, "end": 1.5, "probability": 0.5}]

    @pytest.mark.parametrize(
        ("transcript", "name"),
        [
            (said("Ja.", language="de"), "german"),
            (said("Ναι.", language="el"), "greek"),
            (said("Yes.", language="de", task="translate"), "english"),
            (said("?", language="xx"), "xx"),
            (said(language=None), "unknown"),
        ],
    )
    def test_languages_have_their_english_names(self, transcript: Transcript, name: str) -> None:
        assert json.loads(body(transcript, "verbose_json"))["language"] == name


class TestText:
    def test_ends_its_line(self) -> None:
        assert body(said("Hello.", "World."), "text") == "Hello. World.\n"

    def test_languages_without_spaces(self) -> None:
        segments = [Segment(text, 0, 1, language="ja") for text in ("おはよう。", "さようなら。")]
        assert Transcript(segments, 2, "ja").text == "おはよう。さようなら。"


class TestSubtitles:
    def test_srt(self) -> None:
        assert body(said("Hello.", "World."), "srt") == (
            "1\n00:00:00,000 --> 00:00:01,500\nHello.\n\n2\n00:00:02,000 --> 00:00:03,500\nWorld.\n\n"
        )

    def test_vtt(self) -> None:
        assert body(said("Hello."), "vtt") == "WEBVTT\n\n00:00:00.000 --> 00:00:01.500\nHello.\n\n"

    def test_vtt_escapes(self) -> None:
        assert "&lt;b&gt; &amp; a --&gt; b" in body(said("<b> & a --> b"), "vtt")

    @pytest.mark.parametrize(
        ("start", "end", "times"),
        [
            (59.9996, 61, "00:01:00,000 --> 00:01:01,000"),
            (3599.9999, 3600.5, "01:00:00,000 --> 01:00:00,500"),
            (360_000, 360_001.25, "100:00:00,000 --> 100:00:01,250"),
            (5, 5, "00:00:05,000 --> 00:00:05,001"),
            (5, 4, "00:00:05,000 --> 00:00:05,001"),
        ],
    )
    def test_times(self, start: float, end: float, times: str) -> None:
        assert times in body(Transcript([Segment("x", start, end)], 10, "en"), "srt")

    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize(("response_format", "point"), [("srt", ","), ("vtt", r"\.")])
    def test_hostile_text_makes_no_cue(self, text: str, response_format: str, point: str) -> None:
        self._require_cues(said("before", text, "after"), response_format, point)

    @pytest.mark.parametrize("response_format", ["srt", "vtt"])
    def test_controls_alone_make_no_cue(self, response_format: str) -> None:
        assert body(said("\x00", "here"), response_format).count("-->") == 1

    @given(st.lists(st.text().map("x{}".format), max_size=5))
    def test_any_text_makes_no_cue(self, texts: list[str]) -> None:
        self._require_cues(said(*texts), "srt", ",")
        self._require_cues(said(*texts), "vtt", r"\.")

    @staticmethod
    def _require_cues(transcript: Transcript, response_format: str, point: str) -> None:
        content = body(transcript, response_format).removeprefix("WEBVTT\n\n")
        cues = content.split("\n\n")[:-1]
        assert len(cues) == len(transcript.segments)
        for number, cue in enumerate(cues, 1):
            lines = cue.splitlines() if response_format == "vtt" else cue.split("\n")[1:]
            assert re.fullmatch(_TIMES.format(point), lines[0])
            assert len(lines) <= 2
            assert "-->" not in "".join(lines[1:])
            assert response_format == "vtt" or cue.startswith(f"{number}\n")


class TestNothingWasSaid:
    @pytest.mark.parametrize(
        ("response_format", "expected"),
        [
            ("text", "\n"),
            ("srt", ""),
            ("vtt", "WEBVTT\n\n"),
            ("json", '{"text":"","usage":{"type":"duration","seconds":3.0}}'),
        ],
    )
    def test_forms(self, response_format: str, expected: str) -> None:
        assert body(Transcript([], 3.0, None), response_format) == expected

    def test_verbose(self) -> None:
        granularities = {"timestamp_granularities[]": ["word", "segment"]}
        answer = json.loads(body(Transcript([], 3.0, "en"), "verbose_json", **granularities))
        assert (answer["text"], answer["segments"], answer["words"], answer["duration"]) == ("", [], [], 3.0)


def test_content_types() -> None:
    kinds = {name: media_type_of(form(name)) for name in ("json", "verbose_json", "text", "srt", "vtt")}
    assert kinds == {
        "json": "application/json",
        "verbose_json": "application/json",
        "text": "text/plain; charset=utf-8",
        "srt": "text/plain; charset=utf-8",
        "vtt": "text/vtt; charset=utf-8",
    }
