"""`timbre words`: against answers as the service gives them, over real HTTP."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from shared.problems import NotFound
from tests.client.conftest import KEY
from tests.client.shell import Run
from tests.serving import served

WORD = {
    "keyword": "computer",
    "created": "2026-01-01T00:00:00Z",
    "base_model": "keywords/1",
    "recordings": 3,
    "recall": 0.95,
    "false_accepts": 0.0003,
    "threshold": 0.6,
    "stream_threshold": 0.8,
}


class Service:
    """One caller's models, and the forms that came."""

    def __init__(self) -> None:
        self.models: dict[str, bool] = {"mine": True, "old": False}
        self.forms: list[list[tuple[str, str]]] = []
        self.app = FastAPI()
        self.app.add_api_route("/v1/keywords/models", self.enrol, methods=["POST"])
        self.app.add_api_route("/v1/keywords/models", self.all, methods=["GET"])
        self.app.add_api_route("/v1/keywords/models/{name:path}", self.one, methods=["GET", "DELETE"])

    async def enrol(self, request: Request) -> Response:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        async with request.form() as form:
            members = form.multi_items()
            self.forms.append(
                [(name, value if isinstance(value, str) else (await value.read()).decode()) for name, value in members]
            )
        rejected = [{"file": 1, "reason": "too_short"}]
        return JSONResponse({**WORD, "model": "mine", "rejected": rejected, "missed": [2, 7]}, 201)

    async def all(self) -> Response:
        return JSONResponse({"data": [self.model(name) for name in self.models]})

    async def one(self, request: Request, name: str) -> Response:
        if name not in self.models:
            return JSONResponse(NotFound("There is no model of that name.").body(), 404)
        if request.method == "DELETE":
            del self.models[name]
            return JSONResponse({"deleted": 1})
        return JSONResponse(self.model(name))

    def model(self, name: str) -> dict[str, Any]:
        return {"name": name, "keywords": [WORD], "is_current": self.models[name]}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    service = Service()
    with served(service.app) as url:
        monkeypatch.setenv("TIMBRE_URL", url)
        yield service


def test_a_word_is_learned_from_files(service: Service, run: Run, tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.wav").write_text(f"sound of {name}")
    said = run("words", "enrol", "mine", "computer", "a.wav", "b.wav", "c.wav")
    assert (said.status, said.out) == (0, "computer  3 recordings, recall 0.95, false accepts 0.0003\n")
    assert said.err.splitlines() == [
        "b.wav: not learned from, as it is too short",
        "c.wav: not recognised by what was learned from the others; listen to it",
        "file 7: not recognised by what was learned from the others; listen to it",
    ]
    files = [("files", f"sound of {name}") for name in "abc"]
    assert service.forms == [[("name", "mine"), ("keyword", "computer"), *files]]


def test_a_file_that_is_not_there_is_found_before_anything_is_sent(service: Service, run: Run) -> None:
    said = run("words", "enrol", "mine", "computer", "\x1bnot-there")
    assert (said.status, service.forms) == (2, [])
    assert r"\x1bnot-there cannot be read: No such file or directory" in said.err


def test_models_are_listed_shown_and_forgotten(service: Service, run: Run) -> None:
    line = "computer  3 recordings, recall 0.95, false accepts 0.0003\n"
    said = run("words", "list")
    assert (said.status, said.out) == (0, f"mine  {line}old  {line}")
    assert said.err == "old was learned on a base model that is no longer in use: enrol its words anew\n"
    assert run("words", "show", "mine").out == f"mine  {line}"
    assert run("words", "forget", "mine").out == "mine is deleted.\n"
    said = run("words", "show", "mine")
    assert (said.status, said.err) == (1, "There is nothing here: There is no model of that name.\n")
    assert run("words", "show", "../old").status == 1


def test_an_answer_that_is_none(service: Service, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing() -> Response:
        return Response(json.dumps({"data": [{}]}))

    app = FastAPI()
    app.add_api_route("/v1/keywords/models", nothing)
    with served(app) as url:
        monkeypatch.setenv("TIMBRE_URL", url)
        said = run("words", "list")
    assert (said.status, said.out) == (1, "")
    assert "is this the address of a Timbre" in said.err
