"""Lexicons and visemes in the speech call."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from services.tts.app import create_app
from services.tts.settings import TTSSettings
from shared.lexicons import Lexicons
from shared.objects import open_objects
from tests.services.tts.conftest import asgi_client
from tests.shared.lexicons.test_pls import document, lexeme

pytestmark = pytest.mark.anyio
OWNER = {"X-Timbre-Key": "tmb_owner"}
TEXT = "Zoë, the W3C! It met."


@pytest.fixture
async def tts(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    kept = Lexicons(open_objects(str(tmp_path)))
    kept.put("tmb_owner", "web", document(lexeme("<grapheme>W3C</grapheme><alias>World Wide Web</alias>")))
    kept.put("tmb_owner", "sounds", document(lexeme("<grapheme>met</grapheme><phoneme>mɛt</phoneme>")))
    settings = TTSSettings(tts_engines=("flite", "fake"), data=str(tmp_path))
    async with asgi_client(create_app(settings)) as http:
        yield http


async def asked(tts: httpx.AsyncClient, headers: dict[str, str] = OWNER, **members: object) -> httpx.Response:
    wanted = {"input": TEXT, "voice": "slt", "response_format": "json", "speech_marks": ["word", "viseme"]}
    return await tts.post("/v1/audio/speech", json={**wanted, **members}, headers=headers)


def marks_of(answer: httpx.Response) -> list[dict[str, object]]:
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.content.splitlines()]


def mouths_of(marks: list[dict[str, object]], start: int) -> str:
    """Return the visemes of the word that stands at a byte of the text, until the next word."""
    place = next(index for index, mark in enumerate(marks) if mark.get("start") == start)
    found = ""
    for mark in marks[place + 1 :]:
        if mark["type"] == "word":
            break
        found += str(mark["value"]).replace("sil", "")
    return found


async def test_what_is_heard_changes_and_what_is_told_of_places_does_not(tts: httpx.AsyncClient) -> None:
    usual, changed = marks_of(await asked(tts)), marks_of(await asked(tts, lexicons=["web", "sounds"]))
    places = [[(mark["start"], mark["value"]) for mark in of if mark["type"] == "word"] for of in (usual, changed)]
    assert places[0] == places[1] == [(0, "Zoë"), (6, "the"), (10, "W3C"), (15, "It"), (18, "met")]
    assert mouths_of(usual, 10) == "tEp@tiuTrisi"
    assert mouths_of(changed, 10) == "uEttuatuEp"
    assert mouths_of(changed, 18) == "pEt"


async def test_in_markup_of_emotions_too(tts: httpx.AsyncClient) -> None:
    tagged = {"input": "[sad]The W3C met.[/sad]", "text_type": "tagged"}
    assert mouths_of(marks_of(await asked(tts, **tagged, lexicons=["web"])), 9) == "uEttuatuEp"


async def test_a_stream_of_events_brings_visemes(tts: httpx.AsyncClient) -> None:
    answer = await asked(tts, response_format="mp3", stream_format="sse", speech_marks=["viseme"])
    events = [json.loads(line.removeprefix("data: ")) for line in answer.text.strip().split("\n\n")]
    marks = [mark for event in events if event["type"] == "speech.audio.marks" for mark in event["marks"]]
    assert {mark["type"] for mark in marks} == {"viseme"}
    assert marks[-1]["value"] == "sil"


@pytest.mark.parametrize("headers", [{}, {"X-Timbre-Key": "tmb_other"}])
async def test_nobody_else_has_the_lexicon(tts: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await asked(tts, headers, lexicons=["web"])
    assert answer.status_code == 404
    assert answer.json()["param"] == "lexicons"


@pytest.mark.parametrize("lexicons", [["a-b"], ["../web"], ["web"] * 6, "web", [""]])
async def test_names_that_cannot_be(tts: httpx.AsyncClient, lexicons: object) -> None:
    assert (await asked(tts, lexicons=lexicons)).status_code == 400


@pytest.mark.parametrize(
    "members",
    [{"voice": "fake"}, {"input": '<speak>Hi. <voice name="fake">You.</voice></speak>', "text_type": "ssml"}],
)
async def test_voices_that_do_not_tell_their_sounds(tts: httpx.AsyncClient, members: dict[str, str]) -> None:
    answer = await asked(tts, **members)
    assert answer.status_code == 400
    assert answer.json()["param"] == "speech_marks"
    assert (await asked(tts, **members, speech_marks=["word"])).status_code == 200


async def test_no_marks_are_an_answer_too(tts: httpx.AsyncClient) -> None:
    answer = await asked(tts, speech_marks=["ssml"])
    assert (answer.status_code, answer.content) == (200, b"")
