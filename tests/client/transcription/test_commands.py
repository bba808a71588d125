"""`timbre transcribe`: against a service that hears what recordings spell out, over real HTTP."""

import asyncio
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.datastructures import FormData, UploadFile

from shared.problems import InvalidInput, Problem, UnsupportedMedia
from tests.client.conftest import KEY
from tests.client.shell import Run
from tests.client.stand_in import answer, standing_in
from tests.ports import free_port
from tests.serving import served
from tests.started import ROOT

SUBTITLES = {
    "srt": "1\n00:00:00,500 --> 00:00:01,500\nthe bridge\n\n2\n00:00:01,500 --> 00:00:02,500\nis open\n\n",
    "vtt": "WEBVTT\n\n00:00.500 --> 00:01.500\nthe bridge\n\n",
}
EMPTY = {"srt": "", "vtt": "WEBVTT\n\n"}


class Service:
    """Hears the words that a recording is made of, one in every half of a second; keeps what it was asked.

    It goes on behind the first word when it may.
    """

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.go_on.set()
        self.forms: list[list[tuple[str, str]]] = []
        self.app = FastAPI()
        self.app.add_api_route("/v1/audio/transcriptions", self.answer, methods=["POST"])

    async def answer(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        async with request.form() as form:
            recording = form["file"]
            assert isinstance(recording, UploadFile)
            self.forms.append([(name, str(value)) for name, value in form.multi_items() if name != "file"])
            self.forms[-1].append(("file name", str(recording.filename)))
            return self.answer_to(form, (await recording.read()).decode())

    def answer_to(self, form: FormData, text: str) -> Response:
        if form.get("language") == "xx":
            return problem(InvalidInput("This model knows no xx.", param="language"))
        if text == "no sound":
            return problem(UnsupportedMedia("It is no audio that is decoded here."))
        if form.get("stream") == "true":
            return StreamingResponse(self.events(text), media_type="text/event-stream")
        if form["response_format"] == "verbose_json":
            return JSONResponse(verbose(text, "word" in form.getlist("timestamp_granularities[]")))
        kind = str(form["response_format"])
        return PlainTextResponse((SUBTITLES if text else EMPTY)[kind])

    async def events(self, text: str) -> AsyncIterator[str]:
        for step in steps(text):
            yield event(step)
            await asyncio.to_thread(self.go_on.wait, 60)


def steps(text: str) -> Iterator[dict[str, Any]]:
    """Yield what a stream says of a text."""
    for number, word in enumerate(text.split(" ") if text else ()):
        yield {"type": "transcript.text.delta", "delta": f" {word}" if number else word}
        yield {
            "type": "transcript.text.segment",
            "id": number,
            "start": number / 2,
            "end": number / 2 + 0.5,
            "text": word,
        }
    yield {"type": "transcript.text.done", "text": text, "usage": {"type": "duration", "seconds": 1}}


def event(step: dict[str, Any]) -> str:
    return f"event: {step['type']}\ndata: {json.dumps(step)}\n\n"


def verbose(text: str, has_words: bool) -> dict[str, Any]:
    words = [{"word": word, "start": number / 2, "end": number / 2 + 0.5} for number, word in enumerate(text.split())]
    body = {"task": "transcribe", "language": "en", "duration": len(words) / 2, "text": text}
    return {**body, "segments": [], **({"words": words} if has_words else {})}


def problem(what: Problem) -> Response:
    return JSONResponse(what.body(), what.status, what.headers())


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()
    with served(service.app) as url:
        monkeypatch.setenv("TIMBRE_URL", url)
        yield service


@pytest.fixture
def recording(tmp_path: Path) -> Any:
    """Write a recording in which the text is said; return the name."""

    def write(text: str, name: str = "a.wav") -> str:
        (tmp_path / name).write_text(text)
        return name

    return write


class TestText:
    def test_of_one_file_is_all_that_is_printed(self, service: Service, recording: Any, run: Run) -> None:
        said = run("transcribe", recording("the bridge is open"))
        assert (said.status, said.out, said.err) == (0, "the bridge is open\n", "")

    def test_of_several_stands_behind_their_names(self, service: Service, recording: Any, run: Run) -> None:
        said = run("transcribe", recording("good morning"), recording("", "nobody.wav"), recording("bye", "b.mp3"))
        assert (said.status, said.err) == (1, "")
        assert said.out.splitlines() == ["a.wav       good morning", "nobody.wav", "b.mp3       bye"]

    def test_where_nothing_is_said_nothing_is_printed(self, service: Service, recording: Any, run: Run) -> None:
        said = run("transcribe", recording(""))
        assert (said.status, said.out, said.err) == (1, "", "")

    def test_comes_while_it_is_recognised(self, service: Service, recording: Any) -> None:
        service.go_on.clear()
        command = [sys.executable, "-m", "client", "transcribe", recording("the bridge")]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.read(3) == b"the"
            service.go_on.set()
            assert process.stdout.read() == b" bridge\n"
        assert process.returncode == 0

    def test_whose_reader_leaves_ends(self, service: Service, recording: Any) -> None:
        service.go_on.clear()
        command = [sys.executable, "-m", "client", "transcribe", recording("the bridge")]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout
            assert process.stdout.read(3) == b"the"
            process.stdout.close()
            service.go_on.set()
            assert process.stderr
            assert process.stderr.read() == b""
        assert process.returncode == 141

    def test_that_breaks_off_is_an_error(self, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        body = "".join(map(event, list(steps("the bridge is open"))[:-1]))
        with standing_in(answer(body, kind="text/event-stream")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("transcribe", recording("anything"))
        assert (said.status, said.out, said.err) == (2, "the bridge is open\n", "The text broke off.\n")

    def test_that_fails_on_the_way_is_told(self, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        first, *_ = steps("the bridge is open")
        body = event(first) + event({"type": "error", "error": {"message": "The engine\x1b failed.", "code": "x"}})
        with standing_in(answer(body, kind="text/event-stream")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("transcribe", recording("anything"))
        assert (said.status, said.out, said.err) == (2, "the\n", "a.wav: The engine\\x1b failed.\n")

    def test_of_standard_input(self, service: Service, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"read from a pipe")))
        assert run("transcribe", "-").out == "read from a pipe\n"
        assert run("transcribe", "-", "-").status == 2

    def test_does_nothing_to_a_terminal(self, service: Service, recording: Any, run: Run) -> None:
        hostile = "\x1b]0;owned\x07\x9b2J"
        said = run("transcribe", recording(hostile, f"{hostile}.wav"), recording("one\ntwo\r\nthree"))
        assert said.out.splitlines() == [
            r"\x1b]0;owned\x07\x9b2J.wav  \x1b]0;owned\x07\x9b2J",
            "a.wav                       one two three",
        ]


class TestFormats:
    def test_words_with_their_times(self, service: Service, recording: Any, run: Run) -> None:
        said = run("transcribe", recording("good morning"), recording("", "b.wav"), "--words")
        assert said.status == 1
        assert said.out.splitlines() == [
            "FILE       START      END  WORD",
            "a.wav       0.00     0.50  good",
            "a.wav       0.50     1.00  morning",
        ]

    @pytest.mark.parametrize(("kind", "expected"), SUBTITLES.items())
    def test_subtitles_of_one_file(self, service: Service, recording: Any, run: Run, kind: str, expected: str) -> None:
        said = run("transcribe", recording("the bridge is open"), "--format", kind)
        assert (said.status, said.out) == (0, expected)
        assert run("transcribe", recording(""), "--format", kind).status == 1
        for arguments in (("a.wav", "a.wav"), ("a.wav", "--words")):
            wrong = run("transcribe", *arguments, "--format", kind)
            assert (wrong.status, wrong.out) == (2, "")

    def test_json_is_the_answer_and_the_name(self, service: Service, recording: Any, run: Run) -> None:
        files = recording("good morning"), recording("", "näher")
        said = run("transcribe", *files, "--json", "--words")
        assert said.status == 1
        assert [json.loads(line) for line in said.out.splitlines()] == [
            {"file": "a.wav", **verbose("good morning", True)},
            {"file": "näher", **verbose("", True)},
        ]
        assert run("transcribe", *files, "--format", "json", "--words").out == said.out

    def test_what_is_sent(self, service: Service, recording: Any, run: Run) -> None:
        file = recording("hello", "Anna's secret.wav")
        run("transcribe", file)
        run("transcribe", file, "--model", "whisper-tiny", "--language", "de", "--words")
        run("transcribe", file, "--format", "srt")
        name = ("file name", "recording")
        verbose_json, segment = ("response_format", "verbose_json"), ("timestamp_granularities[]", "segment")
        chosen = [("model", "whisper-tiny"), ("language", "de")]
        assert service.forms == [
            [("stream", "true"), name],
            [*chosen, verbose_json, segment, ("timestamp_granularities[]", "word"), name],
            [("response_format", "srt"), name],
        ]


class TestErrors:
    def test_one_file_keeps_no_other_from_its_answer(self, service: Service, recording: Any, run: Run) -> None:
        files = [recording("no sound", "text.wav"), "not-there", recording("hello")]
        said = run("transcribe", *files)
        assert (said.status, said.out) == (2, "a.wav      hello\n")
        assert said.err.splitlines() == [
            "text.wav: This format is not supported: It is no audio that is decoded here.",
            "not-there: It cannot be read: No such file or directory",
        ]

    def test_what_all_files_would_meet_is_said_once(self, service: Service, recording: Any, run: Run) -> None:
        said = run("transcribe", *[recording("hello", str(number)) for number in range(5)], "--language", "xx")
        assert (said.status, said.out) == (2, "")
        assert said.err == "The request cannot be understood: This model knows no xx.\n"

    def test_nobody_there(self, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIMBRE_URL", f"http://127.0.0.1:{free_port()}")
        said = run("transcribe", recording("hello"))
        assert (said.status, said.out, said.err[:26]) == (2, "", "Timbre cannot be reached: ")

    @pytest.mark.parametrize("reply", ["<html>", "[]", "{}"])
    def test_what_is_no_timbre(self, reply: str, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        for arguments in ((), ("--json",)):
            with standing_in(answer(reply)) as stand_in:
                monkeypatch.setenv("TIMBRE_URL", stand_in.address)
                said = run("transcribe", recording("hello"), *arguments)
            assert (said.status, said.out) == (2, "")

    @pytest.mark.parametrize("arguments", [(), ("a.wav", "--format", "midi"), ("a.wav", "--colour")])
    def test_wrong_use(self, arguments: tuple[str, ...], run: Run) -> None:
        said = run("transcribe", *arguments)
        assert (said.status, said.out) == (2, "")
        assert "usage: timbre" in said.err

    def test_exit_statuses_are_told(self, run: Run) -> None:
        assert "exit status: 0 every file holds speech, 1 " in run("transcribe", "--help").out
