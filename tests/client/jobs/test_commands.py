"""`timbre jobs`: against the real thing, and against servers that misbehave."""

import io
import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from client.jobs.calls import changes
from client.jobs.progress import progress_of
from client.timbre import Timbre, Unreachable
from gateway.app import create_app
from gateway.jobs.schemas import Job
from gateway.settings import GatewaySettings
from tests.client.conftest import KEY
from tests.client.shell import Run, written
from tests.client.stand_in import answer, standing_in
from tests.gateway.jobs.recordings import WOMAN
from tests.gateway.jobs.stack import CALLER, SERVICES, Stack, running
from tests.ports import free_port
from tests.serving import served
from tests.started import ROOT, patiently

TEXT = "What a wonderful morning! But who took my bicycle? I am so furious."
JOB = "job_0123456789abcdef01234567"


def behind_nginx(app: ASGIApp) -> ASGIApp:
    """Do what NGINX does: turn a good key into its id."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if (b"authorization", f"Bearer {KEY}".encode()) in scope.get("headers", []):
            scope["headers"] = [*scope["headers"], (b"x-timbre-key", CALLER.encode())]
        await app(scope, receive, send)

    return application


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The services, which no test here disturbs."""
    with running(tmp_path_factory.mktemp("engines"), *SERVICES) as stack:
        yield stack


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
            batch_locations=str(folder / "recordings"),
            media_locations=str(folder / "texts"),
            output_locations=str(folder / "texts"),
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


class TestAgainstTimbre:
    def test_from_a_text_to_its_sound_in_one_command(self, timbre: str, text: str, run: Run, tmp_path: Path) -> None:
        said = run("jobs", "submit", text, "--wait", "--out", "results", "--format", "wav")
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

    def test_from_a_recording_to_its_prediction_in_one_command(self, timbre: str, run: Run, tmp_path: Path) -> None:
        Path("Me, äh.wav").write_bytes(WOMAN)
        said = run("jobs", "submit", "Me, äh.wav", "--kind", "speaker-prediction", "--out", "results")
        assert said.status == 0, said.err
        assert said.out.split()[1:] == ["results/prediction.json"]
        assert json.loads(Path("results/prediction.json").read_bytes())["gender"]["label"] == "female"
        assert said.err.splitlines()[-1] == "100% succeeded"

    def test_what_is_no_recording(self, timbre: str, text: str, run: Run) -> None:
        said = run("jobs", "submit", text, "--kind", "speaker-prediction")
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("This format is not supported: ")

    def test_a_bucket_is_named_and_not_read(self, timbre: str, run: Run) -> None:
        options = ("--children", "2", "--task", "translate", "--keyword", "echo", "--keyword", "golf", "--wait")
        said = run("jobs", "submit", "s3://bucket/calls", "--kind", "batch-transcription", *options)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("This key may not do that: This Timbre allows no jobs there")

    def test_a_kind_that_takes_files_takes_addresses_too(self, timbre: str, run: Run) -> None:
        said = run("jobs", "submit", "https://example.com/call.mp3", "--kind", "transcription")
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("This Timbre does not offer that: This Timbre runs no stt service")

    def test_the_result_has_a_place_of_its_own(self, timbre: str, run: Run) -> None:
        options = ("--output", "s3://bucket/found", "--document", "file", "--kind", "sentiment-detection", "--wait")
        said = run("jobs", "submit", "s3://bucket/reviews/", *options)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("This key may not do that: This Timbre allows no jobs there")
        assert run("jobs", "submit", "s3://bucket/reviews/", "--document", "page").status == 2

    def test_in_many_commands(self, timbre: str, text: str, run: Run, tmp_path: Path) -> None:
        submitted = run("jobs", "submit", text, "--text-type", "tagged", "--voice", "fake", "--speed", "1.5")
        assert submitted.err == ""
        job_id = submitted.out.strip()
        assert run("jobs", "watch", job_id).status == 0
        shown = json.loads(run("jobs", "show", job_id).out)
        assert (shown["id"], shown["state"], shown["progress"]) == (job_id, "succeeded", 1.0)
        assert f"{job_id}  {shown['created'][:10]}" in run("jobs", "list", "--state", "succeeded", "--limit", "1").out
        assert job_id not in run("jobs", "list", "--state", "failed").out
        assert run("jobs", "fetch", job_id).out.split() == ["audio.mp3", "tagged.ssml", "text.txt"]
        assert Path("text.txt").read_text() == TEXT
        assert run("jobs", "fetch", job_id, "--out", "there").status == 0
        assert Path("there/audio.mp3").read_bytes() == Path("audio.mp3").read_bytes()
        assert run("jobs", "cancel", job_id).out == f"{job_id} is succeeded.\n"

    def test_standard_input(self, timbre: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        stdin = io.TextIOWrapper(io.BytesIO("\ufeffIch fürchte nichts.".encode()))
        monkeypatch.setattr(sys, "stdin", stdin)
        assert run("jobs", "submit", "-", "--out", ".").status == 0
        assert Path("text.txt").read_text() == "Ich fürchte nichts."

    def test_the_same_key_is_the_same_job(self, timbre: str, text: str, long_text: str, run: Run) -> None:
        first = run("jobs", "submit", text, "--idempotency-key", "mine")
        assert run("jobs", "submit", text, "--idempotency-key", "mine").out == first.out
        another = run("jobs", "submit", long_text, "--idempotency-key", "mine")
        assert another.status == 1
        assert another.err.startswith("This contradicts an earlier request: ")

    def test_the_pages_of_a_list(self, timbre: str, text: str, run: Run) -> None:
        ids = [run("jobs", "submit", text).out.strip() for _ in range(3)]
        first = run("jobs", "list", "--limit", "2")
        assert [line[:28] for line in first.out.splitlines()] == ids[:0:-1]
        after = first.err.split()[-1]
        assert run("jobs", "list", "--limit", "1", "--after", after).out.startswith(ids[0])

    def test_cancelled_jobs_have_no_results(self, timbre: str, long_text: str, run: Run) -> None:
        job_id = run("jobs", "submit", long_text).out.strip()
        assert run("jobs", "fetch", job_id).err in (f"{job_id} is queued.\n", f"{job_id} is running.\n")
        assert run("jobs", "cancel", job_id).out == f"{job_id} is cancelled.\n"
        for command in ("watch", "fetch"):
            said = run("jobs", command, job_id)
            assert (said.status, said.err.splitlines()[-1]) == (1, f"{job_id} is cancelled.")

    def test_a_failed_job_says_why(self, timbre: str, tmp_path: Path, run: Run) -> None:
        path = tmp_path / "broken.ssml"
        path.write_text("<speak>This does not end.")
        said = run("jobs", "submit", str(path), "--text-type", "ssml", "--wait")
        assert said.status == 1
        assert said.err.splitlines()[-1].startswith("The markup is malformed or not supported: ")

    def test_what_the_server_refuses(self, timbre: str, text: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        for arguments in (("show", JOB), ("watch", JOB), ("fetch", JOB), ("cancel", JOB)):
            said = run("jobs", *arguments)
            assert (said.status, said.err) == (1, "There is nothing here: There is no job of that id.\n")
        assert "There is no job of that kind" in run("jobs", "submit", text, "--kind", "no-such-kind").err
        assert run("jobs", "submit", text, "--speed", "99").status == 1
        assert run("jobs", "show", "../models").status == 1
        monkeypatch.setenv("TIMBRE_API_KEY", "another")
        assert run("jobs", "list").err.startswith("A valid API key is needed: ")

    def test_all_are_forgotten(self, timbre: str, text: str, run: Run) -> None:
        assert run("jobs", "forget").status == 2
        run("jobs", "submit", text)
        forgotten = run("jobs", "forget", "--yes")
        assert re.fullmatch(r"[1-9]\d* jobs are being deleted\.\n", forgotten.out)
        assert any(run("jobs", "list").out == "" for _ in patiently(30))

    def test_a_bar_on_a_terminal(self, timbre: str, text: str) -> None:
        terminal, end = pty.openpty()
        command = [sys.executable, "-m", "client", "jobs", "submit", text, "--wait"]
        done = subprocess.run(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stderr=end, stdout=subprocess.PIPE)
        os.close(end)
        shown = written(terminal)
        assert done.returncode == 0, shown
        assert re.fullmatch(b"job_[0-9a-f]{24}\n", done.stdout)
        *bars, last = shown.removesuffix("\r\n").split("\r")[1:]
        assert last == "#" * 30 + " 100% succeeded\x1b[K"
        assert all(re.match(r"#*\.+ +\d+% \w+", bar) for bar in bars)


def job(state: str, **members: Any) -> dict[str, Any]:
    return {"id": JOB, "kind": "emotional-speech", "state": state, "created": "2026-01-01T00:00:00Z", **members}


def events(*jobs: dict[str, Any], length: int | None = None) -> bytes:
    return answer("".join(f"event: progress\ndata: {json.dumps(one)}\n\n" for one in jobs), length=length)


class TestMisbehaviour:
    @pytest.fixture(autouse=True)
    def _no_pauses(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("client.jobs.calls._PAUSE_SECONDS", 0.01)

    def test_a_job_is_followed_over_restarts(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
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
            said = run("jobs", "watch", JOB)
        assert (said.status, said.err) == (0, "  0% queued\n 50% speak\n100% succeeded\n")
        assert stand_in.requests == [f"GET /v1/jobs/{JOB}/events HTTP/1.1"] * 6

    def test_but_not_for_ever(self) -> None:
        with pytest.raises(Unreachable, match="cannot be reached"):
            list(changes(Timbre(f"http://127.0.0.1:{free_port()}", KEY, patience_seconds=0.05), JOB))

    def test_a_job_of_nobody_is_not_waited_for(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        problem = '{"title": "There is nothing here", "detail": "There is no job of that id."}'
        with standing_in(events(job("running")), answer(problem, "404 Not Found")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("jobs", "watch", JOB)
        assert said.status == 1
        assert said.err.endswith("There is nothing here: There is no job of that id.\n")

    def test_a_result_that_breaks_off_is_no_file(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        results = [{"name": "audio", "media_type": "audio/mpeg", "bytes": 10, "href": ""}]
        found = answer(json.dumps(job("succeeded", results=results)))
        with standing_in(found, answer(b"sound", length=10), found, answer(b"soundsound")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            assert run("jobs", "fetch", JOB, "--out", "there").err == "The result 'audio' broke off.\n"
            assert list(Path("there").iterdir()) == []
            assert run("jobs", "fetch", JOB, "--out", "there").status == 0
        assert Path("there/audio.mp3").read_bytes() == b"soundsound"

    @pytest.mark.parametrize("name", ["../../escaped", "/etc/escaped", ".."])
    def test_no_name_leads_out_of_the_folder(
        self, name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        results = [{"name": name, "media_type": "text/../plain", "bytes": 5, "href": ""}]
        found = answer(json.dumps(job("succeeded", results=results)))
        with standing_in(found, answer(b"sound")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            run("jobs", "fetch", JOB, "--out", "deep/down/there")
        outside = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent.name != "there"]
        assert outside == []

    def test_a_folder_that_is_a_file(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        Path("taken").write_text("mine")
        results = [{"name": "audio", "media_type": "audio/mpeg", "bytes": 5, "href": ""}]
        with standing_in(answer(json.dumps(job("succeeded", results=results))), answer(b"sound")) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            assert run("jobs", "fetch", JOB, "--out", "taken").status == 1
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
    def test_what_is_no_timbre_is_told_in_words(self, reply: bytes, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        with standing_in(reply) as stand_in:
            monkeypatch.setenv("TIMBRE_URL", stand_in.address)
            said = run("jobs", "show", JOB)
        assert said.status == 1
        assert re.search("is this the address of a Timbre|cannot be reached", said.err)

    def test_interrupted(self) -> None:
        with standing_in() as stand_in:
            environment = os.environ | {"PYTHONPATH": str(ROOT), "TIMBRE_URL": stand_in.address}
            command = [sys.executable, "-m", "client", "jobs", "watch", JOB]
            process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE)
            assert stand_in.asked.wait(120)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)
        assert (process.returncode, err.decode()) == (130, "\nInterrupted; a job that was taken goes on.\n")


def test_lines_where_there_is_no_terminal_are_few() -> None:
    changes = [job("running", progress=number / 500, step="speak") for number in range(500)]
    stream = io.StringIO()
    progress_of([Job.model_validate(one) for one in changes], stream)
    assert stream.getvalue().splitlines() == [f"{tenth:3}% speak" for tenth in range(0, 100, 10)]
