"""The call to the speech-to-text service, with a stand-in for it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from gateway.transcripts import hearing
from gateway.transcripts.hearing import Wishes, heard, read
from gateway.upstream import Relayed, Service
from shared.problems import EngineFailed
from tests.gateway.conftest import problem, served

pytestmark = pytest.mark.anyio

WORDS = [("Hello,", 0.0), ("big", 0.5), ("world.", 1.0), ("Yes", 3.0)]
VERBOSE: dict[str, Any] = {
    "duration": 4.0,
    "language": "english",
    "segments": [{"start": 0, "end": 1.5, "text": "Hello, big world."}, {"start": 3, "end": 3.5, "text": "Yes"}],
    "words": [{"word": word, "start": start, "end": start + 0.5, "probability": 0.9} for word, start in WORDS],
}


@dataclass
class Listener:
    """Answers as it is told, in order; the last answer stays."""

    answers: list[web.Response]
    takes_keywords: bool = True
    forms: list[dict[str, list[str]]] = field(default_factory=list)

    async def listen(self, request: web.Request) -> web.Response:
        form: dict[str, list[str]] = {}
        for name, value in (await request.post()).items():
            form.setdefault(name, []).append(value if isinstance(value, str) else value.file.read().decode())
        self.forms.append(form)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(body=answer.body, status=answer.status, headers=answer.headers)

    async def models(self, _: web.Request) -> web.Response:
        default = {"model": "fake/1", "languages": [], "takes_keywords": self.takes_keywords}
        return web.json_response({"models": [default, {"model": "other/2", "languages": ["en"]}]})

    @asynccontextmanager
    async def service(self) -> AsyncIterator[Service]:
        routes = (web.post("/v1/audio/transcriptions", self.listen), web.get("/models", self.models))
        async with served(*routes) as url, aiohttp.ClientSession() as session:
            yield Service("stt", url, session, {})


def good(told: dict[str, Any] = VERBOSE, **headers: str) -> web.Response:
    named = {"X-Timbre-Model": "fake/1", "X-Timbre-Language": "en"}
    return web.Response(body=json.dumps(told).encode(), content_type="application/json", headers={**named, **headers})


async def test_segments_get_their_words() -> None:
    async with Listener([good()]).service() as stt:
        transcript = read(await heard(stt, b"sound", Wishes()))
    assert (transcript.text, transcript.language, transcript.model) == ("Hello, big world. Yes", "en", "fake/1")
    texts = [[item.text for item in passage.items] for passage in transcript.passages]
    assert texts == [["Hello", ",", "big", "world", "."], ["Yes"]]
    assert [item.start_seconds for item in transcript.words] == [start for _, start in WORDS]
    assert {item.probability for item in transcript.words} == {0.9}


async def test_a_segment_without_words_is_one() -> None:
    async with Listener([good({**VERBOSE, "words": []})]).service() as stt:
        transcript = read(await heard(stt, b"sound", Wishes()))
    assert transcript.text == "Hello, big world. Yes"
    assert [(item.start_seconds, item.end_seconds) for item in transcript.words] == [(0, 1.5), (3, 3.5)]


async def test_wishes_are_passed_on() -> None:
    listener = Listener([good()])
    wishes = Wishes("fake", "en", ["en", "de"], "before", 0.5, ["word", "other word"])
    async with listener.service() as stt:
        assert read(await heard(stt, b"sound", wishes)).warnings == ()
    assert listener.forms == [
        {
            "file": ["sound"],
            "response_format": ["verbose_json"],
            "timestamp_granularities[]": ["segment", "word"],
            "temperature": ["0.5"],
            "model": ["fake"],
            "language": ["en"],
            "prompt": ["before"],
            "languages[]": ["en", "de"],
            "keywords[]": ["word", "other word"],
        }
    ]


@pytest.mark.parametrize(("model", "heeds"), [(None, True), ("fake", True), ("fake/1", True), ("other", False)])
async def test_keywords_that_are_not_heeded_are_ignored_with_a_warning(model: str | None, heeds: bool) -> None:
    listener = Listener([good()])
    async with listener.service() as stt:
        transcript = read(await heard(stt, b"sound", Wishes(model=model, keywords=["word"])))
    assert ("keywords[]" in listener.forms[0]) == heeds
    assert [("other/2" in warning) for warning in transcript.warnings] == ([] if heeds else [True])


async def test_the_services_own_warnings_are_kept() -> None:
    async with Listener([good(**{"X-Timbre-Warning": "prompt: ignored"})]).service() as stt:
        assert read(await heard(stt, b"sound", Wishes(prompt="a"))).warnings == ("prompt: ignored",)


async def test_a_busy_service_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_PAUSE_SECONDS", 0.01)
    listener = Listener([problem(429, "busy"), problem(429, "busy"), good()])
    async with listener.service() as stt:
        assert read(await heard(stt, b"sound", Wishes())).text
    assert len(listener.forms) == 3


async def test_other_problems_are_the_jobs() -> None:
    async with Listener([problem(415, "unsupported-media")]).service() as stt:
        with pytest.raises(Relayed) as refused:
            await heard(stt, b"sound", Wishes())
    assert refused.value.status == 415


@pytest.mark.parametrize("told", [{}, {"duration": "long"}, {**VERBOSE, "words": [{}]}])
async def test_an_answer_that_is_not_understood(told: dict[str, Any]) -> None:
    async with Listener([good(told)]).service() as stt:
        with pytest.raises(EngineFailed):
            await heard(stt, b"sound", Wishes())
