"""`timbre keywords`: against a service that hears what recordings spell out, over real HTTP."""

import io
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import FormData, UploadFile

from shared.problems import Busy, InvalidInput, Problem, TooLarge, Unauthorized, UnsupportedMedia
from tests.client.conftest import KEY
from tests.client.shell import Run, written
from tests.client.stand_in import answer, standing_in
from tests.ports import free_port
from tests.serving import served
from tests.started import ROOT

HEADER = ["FILE", "KEYWORD", "SCORE", "START", "END"]


def heard(*matches: tuple[str, float], otherwise: str = "unknown") -> dict[str, Any]:
    """Return an answer with a match of half a second in every second."""
    found = [
        {"keyword": keyword, "score": score, "start_seconds": second + 0.25, "end_seconds": second + 0.75}
        for second, (keyword, score) in enumerate(matches)
    ]
    keyword, score = max(matches, key=lambda match: match[1], default=(otherwise, 0.6))
    top = [{"keyword": keyword, "score": score}]
    return {"model": "keywords/1", "keyword": keyword, "score": score, "top": top, "matches": found}


ANSWERS = {
    b"yes": heard(("yes", 0.934)),
    b"mumbling": heard(),
    b"nothing": heard(otherwise="silence"),
    b"a long talk": heard(("yes", 0.9), ("no", 0.71), ("yes", 0.8)),
    b"": InvalidInput("The file is empty."),
    b"text": UnsupportedMedia("It is no audio that is decoded here."),
    b"a whole day": TooLarge("At most 600 seconds.", limit=600),
}


class Service:
    """Keeps what it was asked, and in what company."""

    def __init__(self) -> None:
        self.forms: list[dict[str, str]] = []
        self.refusals: list[Problem] = []
        self.app = FastAPI()
        self.app.add_api_route("/v1/audio/keywords", self.answer, methods=["POST"])

    async def answer(self, request: Request) -> Response:
        async with request.form() as form:
            recording = form["file"]
            assert isinstance(recording, UploadFile)
            return self.answer_to(request, form, recording.filename, await recording.read())

    def answer_to(self, request: Request, form: FormData, file_name: str | None, content: bytes) -> Response:
        self.forms.append({name: str(value) for name, value in form.items() if name != "file"})
        self.forms[-1]["file name"] = str(file_name)
        if self.refusals:
            return problem(self.refusals.pop(0))
        if request.headers["authorization"] != f"Bearer {KEY}":
            return problem(Unauthorized("No key, or a wrong one."))
        if form.get("keywords") == "sesame":
            return problem(InvalidInput("There is no word sesame.", param="keywords"))
        found = ANSWERS[content]
        return problem(found) if isinstance(found, Problem) else JSONResponse(found)


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
    """Write recordings that hold what their names say; return the name."""

    def write(content: str, name: str = "") -> str:
        (tmp_path / (name or content)).write_text(content)
        return name or content

    return write


class TestTable:
    def test_a_command_in_every_file(self, service: Service, recording: Any, run: Run) -> None:
        said = run("keywords", recording("yes", "a.wav"), recording("yes", "a longer name.wav"))
        assert (said.status, said.err) == (0, "")
        assert said.out.splitlines() == [
            "FILE               KEYWORD         SCORE    START      END",
            "a.wav              yes              0.93     0.25     0.75",
            "a longer name.wav  yes              0.93     0.25     0.75",
        ]

    @pytest.mark.parametrize(("content", "keyword"), [("mumbling", "unknown"), ("nothing", "silence")])
    def test_a_file_without_a_command(
        self, content: str, keyword: str, service: Service, recording: Any, run: Run
    ) -> None:
        said = run("keywords", recording("yes"), recording(content))
        assert said.status == 1
        assert said.out.splitlines()[-1].split() == [content, keyword, "0.60", "-", "-"]

    def test_every_command_of_a_long_recording(self, service: Service, recording: Any, run: Run) -> None:
        said = run("keywords", recording("a long talk", "talk"))
        assert said.status == 0
        assert [line.split() for line in said.out.splitlines()] == [
            HEADER,
            ["talk", "yes", "0.90", "0.25", "0.75"],
            ["talk", "no", "0.71", "1.25", "1.75"],
            ["talk", "yes", "0.80", "2.25", "2.75"],
        ]

    def test_standard_input(self, service: Service, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"yes")))
        said = run("keywords", recording("mumbling"), "-")
        assert [line.split()[:2] for line in said.out.splitlines()[1:]] == [["mumbling", "unknown"], ["-", "yes"]]
        assert run("keywords", "-", "-").status == 2

    def test_many_files_keep_their_order(self, service: Service, recording: Any, run: Run) -> None:
        names = [recording(("yes", "mumbling")[number % 3 == 0], f"{number}.wav") for number in range(40)]
        said = run("keywords", *names)
        assert said.status == 1
        assert [line.split()[0] for line in said.out.splitlines()[1:]] == names
        keywords = [line.split()[1] for line in said.out.splitlines()[1:]]
        assert keywords == [("yes", "unknown")[number % 3 == 0] for number in range(40)]


class TestCall:
    def test_what_is_sent(self, service: Service, recording: Any, run: Run) -> None:
        file = recording("yes", "Anna's secret.wav")
        run("keywords", file)
        run("keywords", file, "--model", "mine", "--threshold", "0.7", "--keywords", "yes,no")
        assert service.forms == [
            {"file name": "recording"},
            {"file name": "recording", "model": "mine", "threshold": "0.7", "keywords": "yes,no"},
        ]

    def test_json_is_the_answer_and_the_name(self, service: Service, recording: Any, run: Run) -> None:
        said = run("keywords", recording("yes"), recording("nothing", "näher"), "--json")
        assert said.status == 1
        assert [json.loads(line) for line in said.out.splitlines()] == [
            {"file": "yes", **ANSWERS[b"yes"]},  # type: ignore[dict-item]
            {"file": "näher", **ANSWERS[b"nothing"]},  # type: ignore[dict-item]
        ]

    def test_files_go_several_at_once(self, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        meeting, body = threading.Barrier(3, timeout=60), answer(json.dumps(ANSWERS[b"yes"]))
        with standing_in(*[body] * 3, before=meeting.wait) as stand_in:  # none is answered until three have come
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            assert run("keywords", *[recording("yes", str(number)) for number in range(3)]).status == 0


class TestErrors:
    def test_one_file_keeps_no_other_from_its_answer(self, service: Service, recording: Any, run: Run) -> None:
        recording("", "empty")
        files = ["empty", recording("text"), "not-there", ".", recording("a whole day"), recording("yes")]
        said = run("keywords", *files)
        assert said.status == 2
        assert [line.split()[:2] for line in said.out.splitlines()] == [HEADER[:2], ["yes", "yes"]]
        assert said.err.splitlines() == [
            "empty: The request cannot be understood: The file is empty.",
            "text: This format is not supported: It is no audio that is decoded here.",
            "not-there: It cannot be read: No such file or directory",
            ".: It cannot be read: Is a directory",
            "a whole day: That is more than this call takes: At most 600 seconds.",
        ]

    def test_what_all_files_would_meet_is_said_once(
        self, service: Service, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = [recording("yes", str(number)) for number in range(9)]
        said = run("keywords", *files, "--keywords", "sesame")
        assert (said.status, said.out) == (2, "")
        assert said.err == "The request cannot be understood: There is no word sesame.\n"
        monkeypatch.setenv("TIMBRE_API_KEY", "another")
        said = run("keywords", *files)
        assert (said.status, said.err) == (2, "A valid API key is needed: No key, or a wrong one.\n")
        assert len(service.forms) <= 2 * len(files)

    def test_nobody_there(self, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIMBRE_URL", f"http://127.0.0.1:{free_port()}")
        said = run("keywords", recording("yes"))
        assert (said.status, said.out) == (2, "")
        assert said.err.startswith("Timbre cannot be reached: ")

    def test_a_busy_service_is_asked_again(self, service: Service, recording: Any, run: Run) -> None:
        service.refusals = [Busy("Full.", retry_after_seconds=1), Busy("Full.", retry_after_seconds=1)]
        began = time.monotonic()
        said = run("keywords", recording("yes"))
        assert (said.status, len(service.forms)) == (0, 3)
        assert time.monotonic() - began >= 2

    @pytest.mark.parametrize("reply", [answer("<html>"), answer("[]"), answer("{}"), b"SSH-2.0\r\n", b""])
    def test_what_is_no_timbre(self, reply: bytes, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        with standing_in(reply) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("keywords", recording("yes"))
        assert (said.status, said.out) == (2, "")

    @pytest.mark.parametrize("arguments", [(), ("yes", "--threshold", "high"), ("yes", "--colour")])
    def test_wrong_use(self, arguments: tuple[str, ...], run: Run) -> None:
        said = run("keywords", *arguments)
        assert (said.status, said.out) == (2, "")
        assert "usage: timbre" in said.err

    def test_exit_statuses_are_told(self, run: Run) -> None:
        assert "exit status: 0 every file holds a command, 1 " in run("keywords", "--help").out


class TestTerminal:
    HOSTILE = "\x1b]0;owned\x07\x9b2J\u202eevil\n\udcff.wav"
    TAMED = r"\x1b]0;owned\x07\x9b2J\u202eevil\n\udcff.wav"

    def test_names_do_nothing(self, service: Service, recording: Any, run: Run) -> None:
        recording("yes", self.HOSTILE)
        recording("text", f"{self.HOSTILE}2")
        said = run("keywords", self.HOSTILE, f"{self.HOSTILE}2", f"{self.HOSTILE}3")
        assert [line.split("  ")[0] for line in said.out.splitlines()[1:]] == [self.TAMED]
        assert [line.split(": ")[0] for line in said.err.splitlines()] == [f"{self.TAMED}2", f"{self.TAMED}3"]
        as_json = run("keywords", self.HOSTILE, "--json").out
        assert as_json.isascii()
        assert json.loads(as_json)["file"] == self.HOSTILE

    def test_nor_do_answers(self, recording: Any, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        bad = {"title": "\x1b[2J", "detail": "\x9b"}
        replies = answer(json.dumps(heard(("\x1b[2J", 1.0)))), answer(json.dumps(bad), "401 \x1b[2J")
        with standing_in(*replies) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            assert r"\x1b[2J" in run("keywords", recording("yes")).out
            assert run("keywords", recording("yes")).err == "\\x1b[2J: \\x9b\n"

    def test_colours_and_progress(self, service: Service, recording: Any) -> None:
        shown = self.on_a_terminal(recording("yes"), recording("nothing"), recording("text"))
        assert "\x1b[32myes " in shown
        assert "\x1b[2mnothing " in shown
        assert "\r\x1b[K1 of 3\r\x1b[K" in shown
        assert shown.endswith("\r\x1b[K")

    def test_no_colours_where_they_are_not_wanted(self, service: Service, recording: Any) -> None:
        assert "\x1b[32m" not in self.on_a_terminal(recording("yes"), NO_COLOR="1")

    def on_a_terminal(self, *files: str, **environment: str) -> str:
        terminal, end = pty.openpty()
        command = [sys.executable, "-m", "client", "keywords", *files]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        subprocess.run(command, env=environment, stderr=end, stdout=end, timeout=60)
        os.close(end)
        return written(terminal)


class TestEnds:
    @pytest.fixture
    def command(self, recording: Any) -> list[str]:
        return [sys.executable, "-m", "client", "keywords", *[recording("yes", str(number)) for number in range(9)]]

    def test_interrupted_while_it_waits(self, command: list[str]) -> None:
        with standing_in() as stand_in:
            environment = os.environ | {"PYTHONPATH": str(ROOT), "TIMBRE_URL": stand_in.address}
            process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            assert stand_in.asked.wait(60)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)  # no answer ever comes
        assert (process.returncode, err.decode()) == (130, "\nInterrupted.\n")

    def test_a_reader_who_leaves(self, service: Service, command: list[str]) -> None:
        here, there = os.pipe()
        os.close(here)
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=there, stderr=subprocess.PIPE)
        os.close(there)
        assert (done.returncode, done.stderr) == (141, b"")
