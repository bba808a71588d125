"""The command line for jobs: against the real thing, and against servers that misbehave."""

import io
import json
import os
import pty
import re
import signal
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.app import create_app
from gateway.jobs.__main__ import main
from gateway.jobs.access import Access
from gateway.jobs.schemas import Job
from gateway.jobs.terminal import progress_of
from gateway.jobs.timbre import Timbre, Unreachable
from gateway.settings import GatewaySettings
from tests.gateway.jobs.recordings import WOMAN
from tests.gateway.jobs.stack import CALLER, Stack, running
from tests.ports import free_port
from tests.serving import served
from tests.started import ROOT, patiently

KEY = "tmb_a-key-that-NGINX-and-the-gateway-find-good_0123456789"
TEXT = "What a wonderful morning! But who took my bicycle? I am so furious."
JOB = "job_0123456789abcdef01234567"


@pytest.fixture(autouse=True)
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own without a .env, and no settings or proxies of whoever runs the tests."""
    for name in ("TIMBRE_URL", "TIMBRE_PORT", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TIMBRE_API_KEY", KEY)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def behind_nginx(app: ASGIApp) -> ASGIApp:
    """Do what NGINX does: turn a good key into its id."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if (b"authorization", f"Bearer {KEY}".encode()) in scope.get("headers", []):
            scope["headers"] = [*scope["headers"], (b"x-timbre-key", CALLER.encode())]
        await app(scope, receive, send)

    return application


@pytest.fixture(scope="module")
def address(engines: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a gateway with a worker."""
    folder = tmp_path_factory.mktemp("timbre")
    with running(folder, **engines.as_services) as stack:
        settings = GatewaySettings(
            keys=folder / "keys.json",
            api_key=KEY,
            models=str(folder / "models"),
            database=str(folder / "jobs.sqlite"),
            data=str(stack.data),
            speaker_url=engines.url("speaker"),
            default_voice="fake",
        )
        with served(behind_nginx(create_app(settings))) as url:
            stack.start("worker")
            stack.wait_ready("worker")
            yield url


@pytest.fixture
def timbre(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("TIMBRE_URL", address)
    return address


@pytest.fixture
def text(tmp_path: Path) -> str:
    path = tmp_path / "text.txt"
    path.write_text(TEXT)
    return str(path)


@pytest.fixture
def long_text(tmp_path: Path) -> str:
    path = tmp_path / "long.txt"
    path.write_text("This sentence is not the last one of them all. " * 4000)
    return str(path)


@dataclass
class Said:
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> Said:
        try:
            status = main(arguments)
        except SystemExit as left:
            status = int(left.code or 0)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Said(status, captured.out, captured.err)

    return run


def written(terminal: int) -> str:
    """Return all that was written to a terminal that nobody writes to any more."""
    text = b""
    with suppress(OSError), open(terminal, "rb", buffering=0) as stream:
        while some := stream.read(4096):
            text += some
    return text.decode()


class TestAgainstTimbre:
    def test_from_a_text_to_its_sound_in_one_command(self, timbre: str, text: str, run: Any, tmp_path: Path) -> None:
        said = run("submit", text, "--wait", "--out", "results", "--format", "wav")
        assert said.status == 0, said.err
        job_id, *paths = said.out.split()
        assert re.fullmatch("job_[0-9a-f]{24}", job_id)
        assert paths == ["results/audio.wav", "results/tagged.ssml", "results/text.txt"]
        sound, tagged, kept = (Path(path).read_bytes() for path in paths)
        assert (sound[:4], kept.decode()) == (b"RIFF", TEXT)
        assert b"<speak" in tagged
        assert {path.name for path in Path("results").iterdir()} == {Path(path).name for path in paths}
        lines = said.err.splitlines()
        assert lines[-1] == "100% succeeded"
        shares = [int(line.partition("%")[0]) for line in lines]
        assert shares == sorted(shares)

    def test_from_a_recording_to_its_prediction_in_one_command(self, timbre: str, run: Any, tmp_path: Path) -> None:
        Path("Me, äh.wav").write_bytes(WOMAN)
        said = run("submit", "Me, äh.wav", "--kind", "speaker-prediction", "--out", "results")
        assert said.status == 0, said.err
        assert said.out.split()[1:] == ["results/prediction.json"]
        assert json.loads(Path("results/prediction.json").read_bytes())["gender"]["label"] == "female"
        assert said.err.splitlines()[-1] == "100% succeeded"

    def test_what_is_no_recording(self, timbre: str, text: str, run: Any) -> None:
        said = run("submit", text, "--kind", "speaker-prediction")
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("This format is not supported: ")

    def test_in_many_commands(self, timbre: str, text: str, run: Any, tmp_path: Path) -> None:
        submitted = run("submit", text, "--text-type", "tagged", "--voice", "fake", "--speed", "1.5")
        assert submitted.err == ""
        job_id = submitted.out.strip()
        assert run("watch", job_id).status == 0
        shown = json.loads(run("show", job_id).out)
        assert (shown["id"], shown["state"], shown["progress"]) == (job_id, "succeeded", 1.0)
        assert f"{job_id}  {shown['created'][:10]}" in run("list", "--state", "succeeded", "--limit", "1").out
        assert job_id not in run("list", "--state", "failed").out
        assert run("fetch", job_id).out.split() == ["audio.mp3", "tagged.ssml", "text.txt"]
        assert Path("text.txt").read_text() == TEXT
        assert run("fetch", job_id, "--out", "there").status == 0
        assert Path("there/audio.mp3").read_bytes() == Path("audio.mp3").read_bytes()
        assert run("cancel", job_id).out == f"{job_id} is succeeded.\n"

    def test_standard_input(self, timbre: str, run: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        stdin = io.TextIOWrapper(io.BytesIO("\ufeffIch fürchte nichts.".encode()))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run("submit", "-", "--out", ".").status == 0
        assert Path("text.txt").read_text() == "Ich fürchte nichts."

    def test_the_same_key_is_the_same_job(self, timbre: str, text: str, long_text: str, run: Any) -> None:
        first = run("submit", text, "--idempotency-key", "mine")
        assert run("submit", text, "--idempotency-key", "mine").out == first.out
        another = run("submit", long_text, "--idempotency-key", "mine")
        assert another.status == 1
        assert another.err.startswith("This contradicts an earlier request: ")

    def test_the_pages_of_a_list(self, timbre: str, text: str, run: Any) -> None:
        ids = [run("submit", text).out.strip() for _ in range(3)]
        first = run("list", "--limit", "2")
        assert [line[:28] for line in first.out.splitlines()] == ids[:0:-1]
        after = first.err.split()[-1]
        assert run("list", "--limit", "1", "--after", after).out.startswith(ids[0])

    def test_cancelled_jobs_have_no_results(self, timbre: str, long_text: str, run: Any) -> None:
        job_id = run("submit", long_text).out.strip()
        assert run("fetch", job_id).err in (f"{job_id} is queued.\n", f"{job_id} is running.\n")
        assert run("cancel", job_id).out == f"{job_id} is cancelled.\n"
        for command in ("watch", "fetch"):
            said = run(command, job_id)
            assert (said.status, said.err.splitlines()[-1]) == (1, f"{job_id} is cancelled.")

    def test_a_failed_job_says_why(self, timbre: str, tmp_path: Path, run: Any) -> None:
        path = tmp_path / "broken.ssml"
        path.write_text("<speak>This does not end.")
        said = run("submit", str(path), "--text-type", "ssml", "--wait")
        assert said.status == 1
        assert said.err.splitlines()[-1].startswith("The markup is malformed or not supported: ")

    def test_what_the_server_refuses(self, timbre: str, text: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        for arguments in (("show", JOB), ("watch", JOB), ("fetch", JOB), ("cancel", JOB)):
            said = run(*arguments)
            assert (said.status, said.err) == (1, "There is nothing here: There is no job of that id.\n")
        assert "There is no job of that kind" in run("submit", text, "--kind", "no-such-kind").err
        assert run("submit", text, "--speed", "99").status == 1
        assert run("show", "../models").status == 1
        monkeypatch.setenv("TIMBRE_API_KEY", "another")
        assert run("list").err.startswith("A valid API key is needed: ")

    def test_all_are_forgotten(self, timbre: str, text: str, run: Any) -> None:
        assert run("forget").status == 2
        run("submit", text)
        forgotten = run("forget", "--yes")
        assert re.fullmatch(r"[1-9]\d* jobs are being deleted\.\n", forgotten.out)
        assert any(run("list").out == "" for _ in patiently(30))

    def test_a_bar_on_a_terminal(self, timbre: str, text: str) -> None:
        terminal, end = pty.openpty()
        command = [sys.executable, "-m", "gateway.jobs", "submit", text, "--wait"]
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=end, stdout=subprocess.PIPE)
        os.close(end)
        shown = written(terminal)
        assert done.returncode == 0, shown
        assert re.fullmatch(b"job_[0-9a-f]{24}\n", done.stdout)
        *bars, last = shown.removesuffix("\r\n").split("\r")[1:]
        assert last == "#" * 30 + " 100% succeeded\x1b[K"
        assert all(re.match(r"#*\.+ +\d+% \w+", bar) for bar in bars)


def answer(
    body: str | bytes, status: str = "200 OK", length: int | None = None, kind: str = "application/json"
) -> bytes:
    data = body.encode() if isinstance(body, str) else body
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(data) if length is None else length}"
    return f"{head}\r\nConnection: close\r\n\r\n".encode() + data


def job(state: str, **members: Any) -> dict[str, Any]:
    return {"id": JOB, "kind": "emotional-speech", "state": state, "created": "2026-01-01T00:00:00Z", **members}


def events(*jobs: dict[str, Any], length: int | None = None) -> bytes:
    return answer("".join(f"event: progress\ndata: {json.dumps(one)}\n\n" for one in jobs), length=length)


@dataclass
class StandIn:
    """Gives the answers in order, byte by byte as they are, and keeps the requests' first lines."""

    answers: list[bytes]
    requests: list[str] = field(default_factory=list)
    waits: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    address: str = ""


@contextmanager
def standing_in(*answers: bytes, port: int = 0) -> Iterator[StandIn]:
    stand_in = StandIn(list(answers))

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            stand_in.requests.append(self.rfile.readline().decode().strip())
            while self.rfile.readline().strip():
                pass
            stand_in.asked.set()
            if stand_in.answers:
                self.wfile.write(stand_in.answers.pop(0))
            else:
                stand_in.waits.wait(60)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Server(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        stand_in.address = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield stand_in
        finally:
            stand_in.waits.set()
            server.shutdown()
            thread.join()


class TestMisbehaviour:
    @pytest.fixture(autouse=True)
    def _no_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("gateway.jobs.timbre._PAUSE_SECONDS", 0.01)

    def test_a_job_is_followed_over_restarts(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        gone = answer("{}", "503 Service Unavailable")
        with standing_in(
            events(job("queued")),
            gone,
            b"",
            events(job("running", progress=0.5, step="speak"), length=9999),
            answer("<html>", "502 Bad Gateway", kind="text/html"),
            events(job("succeeded", progress=1.0)),
        ) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("watch", JOB)
        assert (said.status, said.err) == (0, "  0% queued\n 50% speak\n100% succeeded\n")
        assert stand_in.requests == [f"GET /v1/jobs/{JOB}/events HTTP/1.1"] * 6

    def test_but_not_for_ever(self) -> None:
        with pytest.raises(Unreachable, match="cannot be reached"):
            list(Timbre(f"http://127.0.0.1:{free_port()}", KEY, patience_seconds=0.05).changes(JOB))

    def test_a_job_of_nobody_is_not_waited_for(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        problem = '{"title": "There is nothing here", "detail": "There is no job of that id."}'
        with standing_in(events(job("running")), answer(problem, "404 Not Found")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("watch", JOB)
        assert said.status == 1
        assert said.err.endswith("There is nothing here: There is no job of that id.\n")

    def test_a_result_that_breaks_off_is_no_file(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        results = [{"name": "audio", "media_type": "audio/mpeg", "bytes": 10, "href": ""}]
        found = answer(json.dumps(job("succeeded", results=results)))
        with standing_in(found, answer(b"sound", length=10), found, answer(b"soundsound")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            assert run("fetch", JOB, "--out", "there").err == "The result 'audio' broke off.\n"
            assert list(Path("there").iterdir()) == []
            assert run("fetch", JOB, "--out", "there").status == 0
        assert Path("there/audio.mp3").read_bytes() == b"soundsound"

    @pytest.mark.parametrize("name", ["../../escaped", "/etc/escaped", ".."])
    def test_no_name_leads_out_of_the_folder(
        self, name: str, run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        results = [{"name": name, "media_type": "text/../plain", "bytes": 5, "href": ""}]
        found = answer(json.dumps(job("succeeded", results=results)))
        with standing_in(found, answer(b"sound")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            run("fetch", JOB, "--out", "deep/down/there")
        outside = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent.name != "there"]
        assert outside == []

    def test_a_folder_that_is_a_file(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("taken").write_text("mine")
        results = [{"name": "audio", "media_type": "audio/mpeg", "bytes": 5, "href": ""}]
        with standing_in(answer(json.dumps(job("succeeded", results=results))), answer(b"sound")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            assert run("fetch", JOB, "--out", "taken").status == 1
        assert Path("taken").read_text() == "mine"

    @pytest.mark.parametrize(
        "reply",
        [
            answer("<html>Hello</html>", kind="text/html"),
            answer("[]"),
            answer("<html>No</html>", "404 Not Found", kind="text/html"),
            answer('["no problem"]', "400 Bad Request"),
            answer("", "301 Moved Permanently"),
            b"SSH-2.0-OpenSSH_9.6\r\n",
            b"",
        ],
    )
    def test_what_is_no_timbre_is_told_in_words(self, reply: bytes, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        with standing_in(reply) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("show", JOB)
        assert said.status == 1
        assert re.search("is this the address of a Timbre|cannot be reached", said.err)

    def test_interrupted(self) -> None:
        with standing_in() as stand_in:
            environment = os.environ | {"PYTHONPATH": str(ROOT), "TIMBRE_URL": stand_in.address}
            command = [sys.executable, "-m", "gateway.jobs", "watch", JOB]
            process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
            assert stand_in.asked.wait(30)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
        assert (process.returncode, err.decode()) == (130, "\nInterrupted; a job that was taken goes on.\n")


class TestUse:
    def test_nobody_there(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TIMBRE_PORT", str(free_port()))
        said = run("list")
        assert (said.status, said.err.startswith("Timbre cannot be reached: ")) == (1, True)

    @pytest.mark.parametrize(
        "arguments",
        [
            (),
            ("no-such-command",),
            ("submit",),
            ("submit", "no-such-file"),
            ("submit", "/dev/null", "--format", "midi"),
            ("submit", "/dev/null", "--speed", "fast"),
            ("submit", sys.executable),
            ("show",),
            ("list", "--state", "lost"),
        ],
    )
    def test_wrong_use(self, arguments: tuple[str, ...], run: Any) -> None:
        said = run(*arguments)
        assert said.status == 2
        assert "usage: python -m gateway.jobs" in said.err

    @pytest.mark.parametrize(
        ("name", "value"),
        [("TIMBRE_API_KEY", ""), ("TIMBRE_URL", "localhost:8080"), ("TIMBRE_URL", "file:///etc"), ("TIMBRE_PORT", "x")],
    )
    def test_wrong_settings(self, name: str, value: str, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(name, value)
        said = run("list")
        assert said.status == 2
        assert name in said.err

    def test_a_key_that_cannot_be_sent(self, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        with standing_in() as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            for key in ("two\nlines", "€"):
                monkeypatch.setenv("TIMBRE_API_KEY", key)
                said = run("list")
                assert (said.status, key in said.err) == (1, False)

    def test_address_and_key_come_from_env_files_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("TIMBRE_API_KEY")
        Path(".env").write_text("TIMBRE_PORT=8090\nTIMBRE_API_KEY=from-the-file\nTIMBRE_DEFAULT_VOICE=slt\n")
        assert Access().timbre == Timbre("http://localhost:8090", "from-the-file")
        monkeypatch.setenv("TIMBRE_API_KEY", "from-the-environment")
        monkeypatch.setenv("TIMBRE_URL", "https://timbre.example/")
        assert Access().timbre == Timbre("https://timbre.example", "from-the-environment")


def test_lines_where_there_is_no_terminal_are_few() -> None:
    changes = [job("running", progress=number / 500, step="speak") for number in range(500)]
    stream = io.StringIO()
    progress_of([Job.model_validate(one) for one in changes], stream)
    assert stream.getvalue().splitlines() == [f"{tenth:3}% speak" for tenth in range(0, 100, 10)]
