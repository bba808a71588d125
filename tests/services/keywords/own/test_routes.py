"""POST, GET and DELETE /v1/keywords/models, and hearing the words that were enrolled."""

import io
import json
import wave
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from services.keywords.app import create_app
from services.keywords.settings import KeywordsSettings
from tests.problems import slug
from tests.services.keywords.own.conftest import KNOWN_HZ, WHISTLE_HZ, Serve, tone, whistle
from tests.serving import served

PATH = "/v1/keywords/models"
ALICE, BOB = {"X-Timbre-Key": "alice"}, {"X-Timbre-Key": "bob"}

pytestmark = pytest.mark.anyio


async def enrol(
    http: httpx.AsyncClient, recordings: list[bytes], name: str = "mine", keyword: str = "whistle", **headers: Any
) -> httpx.Response:
    files = [("files", (f"{number}.wav", recording)) for number, recording in enumerate(recordings)]
    return await http.post(PATH, data={"name": name, "keyword": keyword}, files=files, headers=headers or ALICE)


async def hear(
    http: httpx.AsyncClient, recording: bytes, headers: dict[str, str] = ALICE, **wishes: str
) -> httpx.Response:
    return await http.post(
        "/v1/audio/keywords", data={"model": "mine", **wishes}, files={"file": recording}, headers=headers
    )


class TestEnrol:
    async def test_answer(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve() as http:
            answer = await enrol(http, [*whistles, b"nonsense", tone(WHISTLE_HZ, level=0.0)[:44]], keyword=" Whistle ")
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["model"], told["keyword"], told["base_model"]) == ("mine", "whistle", "keywords/fake")
        assert told["recordings"] == len(whistles)
        assert told["recall"] > 0.9
        assert told["false_accepts"] < 0.05
        assert 0 < told["threshold"] <= told["stream_threshold"] < 1
        assert told["rejected"] == [{"file": 12, "reason": "damaged"}, {"file": 13, "reason": "damaged"}]
        assert told["missed"] == []
        assert "weights" not in told

    async def test_a_recording_of_something_else_is_missed(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve() as http:
            answer = await enrol(http, [tone(KNOWN_HZ), *whistles])
        assert answer.json()["missed"] == [0]

    async def test_too_few_good_recordings(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve() as http:
            answer = await enrol(http, [*whistles[:4], b"", b"nonsense"])
            assert (await http.get(PATH, headers=ALICE)).json() == {"data": []}
        assert slug(answer) == "invalid-input"
        assert answer.json()["rejected"] == [{"file": 4, "reason": "damaged"}, {"file": 5, "reason": "damaged"}]
        assert answer.json()["param"] == "files"

    @pytest.mark.parametrize(
        ("changes", "param"),
        [
            ({"name": "../mine"}, "name"),
            ({"name": "My Words"}, "name"),
            ({"name": "current"}, "name"),
            ({"name": "keywords"}, "name"),
            ({"keyword": "yes"}, "keyword"),
            ({"keyword": "Unknown"}, "keyword"),
            ({"keyword": "a,b"}, "keyword"),
            ({"keyword": "x" * 300}, "keyword"),
        ],
        ids=str,
    )
    async def test_names(self, serve: Serve, whistles: list[bytes], changes: dict[str, str], param: str) -> None:
        async with serve() as http:
            answer = await enrol(http, whistles[:5], **changes)
        assert (slug(answer), answer.json()["param"]) == ("invalid-input", param)

    @pytest.mark.parametrize("count", [1, 4, 101])
    async def test_numbers_of_files(self, serve: Serve, count: int) -> None:
        async with serve() as http:
            assert slug(await enrol(http, [b"x"] * count)) == "invalid-input"

    async def test_without_a_file_or_with_a_text_for_one(self, serve: Serve) -> None:
        async with serve() as http:
            fields = {"name": "mine", "keyword": "whistle"}
            assert slug(await http.post(PATH, data=fields, headers=ALICE)) == "invalid-input"
            answer = await http.post(PATH, data={**fields, "files": ["a"] * 5}, headers=ALICE)
        assert slug(answer) == "invalid-input"

    async def test_limits_of_a_key(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve(keyword_models_per_key=1, keywords_per_model=1) as http:
            assert (await enrol(http, whistles[:6])).status_code == 201
            assert slug(await enrol(http, whistles[:6], keyword="other")) == "storage-full"
            assert slug(await enrol(http, whistles[:6], name="other")) == "storage-full"
            assert (await enrol(http, whistles[:6])).status_code == 201
            assert (await enrol(http, whistles[:6], **BOB)).status_code == 201

    @pytest.mark.parametrize("headers", [{"X-Nothing": ""}, {"X-Timbre-Key": "../bob"}, {"X-Timbre-Key": ""}])
    async def test_belongs_to_a_key(self, serve: Serve, whistles: list[bytes], headers: dict[str, str]) -> None:
        async with serve() as http:
            assert slug(await enrol(http, whistles[:5], **headers)) == "unauthorized"
            for method, path in (("GET", PATH), ("DELETE", PATH), ("GET", f"{PATH}/mine"), ("DELETE", f"{PATH}/mine")):
                assert slug(await http.request(method, path, headers=headers)) == "unauthorized"


class TestHear:
    async def test_an_own_word_beside_the_others(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve() as http:
            await enrol(http, whistles)
            answers = [(await hear(http, whistle(seed))).json() for seed in range(100, 110)]
            known = (await hear(http, tone(KNOWN_HZ))).json()
            elsewhere = (await hear(http, whistle(100), model="keywords")).json()
        assert sum(answer["keyword"] == "whistle" for answer in answers) >= 9
        assert {answer["model"] for answer in answers} == {"mine"}
        assert known["keyword"] == "yes"
        assert elsewhere["keyword"] == "unknown"
        assert "whistle" not in {each["keyword"] for each in elsewhere["top"]}

    async def test_metrics_have_the_served_model_and_not_the_caller_s(
        self, serve: Serve, whistles: list[bytes]
    ) -> None:
        async with serve() as http:
            await enrol(http, whistles)
            assert (await hear(http, whistle(100))).json()["model"] == "mine"
            metrics = (await http.get("/metrics")).text
        assert 'timbre_engine_duration_seconds_count{engine="keywords"}' in metrics
        assert "mine" not in metrics

    async def test_allowed_words(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve() as http:
            await enrol(http, whistles)
            assert (await hear(http, tone(WHISTLE_HZ), keywords="whistle")).json()["keyword"] == "whistle"
            assert (await hear(http, tone(WHISTLE_HZ), keywords="yes")).json()["keyword"] == "unknown"
            assert slug(await hear(http, tone(WHISTLE_HZ), keywords="chirp")) == "invalid-input"

    async def test_is_private_to_its_key(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve() as http:
            await enrol(http, whistles[:6])
            assert slug(await hear(http, whistle(100), BOB)) == "model-not-found"
            assert slug(await hear(http, whistle(100), {})) == "model-not-found"
            assert slug(await http.get(f"{PATH}/mine", headers=BOB)) == "model-not-found"
            assert slug(await http.delete(f"{PATH}/mine", headers=BOB)) == "model-not-found"
            assert (await http.get(PATH, headers=BOB)).json() == {"data": []}
            assert (await hear(http, whistle(100))).status_code == 200

    @pytest.mark.parametrize("name", ["other", "mine/1", "..", "../mine", "\u00fc", "m" * 129])
    async def test_models_that_are_not_there(self, serve: Serve, whistles: list[bytes], name: str) -> None:
        async with serve() as http:
            await enrol(http, whistles[:5])
            assert slug(await hear(http, whistle(100), model=name)) == "model-not-found"

    async def test_a_word_of_another_version_is_a_conflict_until_it_is_enrolled_again(
        self, serve: Serve, whistles: list[bytes]
    ) -> None:
        async with serve(keywords_model="older") as http:
            await enrol(http, whistles[:6], keyword="chirp")
            await enrol(http, whistles[:6])
        async with serve() as http:
            assert slug(await hear(http, whistle(100))) == "conflict"
            assert (await http.get(f"{PATH}/mine", headers=ALICE)).json()["is_current"] is False
            await enrol(http, whistles[:6])
            assert slug(await hear(http, whistle(100))) == "conflict"
            await enrol(http, whistles[:6], keyword="chirp")
            assert (await http.get(f"{PATH}/mine", headers=ALICE)).json()["is_current"] is True
            assert (await hear(http, whistle(100))).status_code == 200


class TestManage:
    async def test_list_one_and_delete(self, serve: Serve, whistles: list[bytes]) -> None:
        async with serve() as http:
            await enrol(http, whistles[:6], keyword="whistle")
            await enrol(http, whistles[:6], keyword="chirp")
            await enrol(http, whistles[:6], name="other")
            models = (await http.get(PATH, headers=ALICE)).json()["data"]
            assert [(model["name"], model["is_current"]) for model in models] == [("mine", True), ("other", True)]
            assert [word["keyword"] for word in models[0]["keywords"]] == ["chirp", "whistle"]
            assert "weights" not in models[0]["keywords"][0]
            assert (await http.get(f"{PATH}/mine", headers=ALICE)).json() == models[0]
            assert (await http.delete(f"{PATH}/mine", headers=ALICE)).json() == {"deleted": 1}
            assert slug(await http.delete(f"{PATH}/mine", headers=ALICE)) == "model-not-found"
            assert slug(await hear(http, whistle(100))) == "model-not-found"
            assert (await http.delete(PATH, headers=ALICE)).json() == {"deleted": 1}
            assert (await http.get(PATH, headers=ALICE)).json() == {"data": []}


class TestListen:
    def test_an_own_word_at_the_websocket(self, tmp_path: Path, whistles: list[bytes]) -> None:
        settings = KeywordsSettings(keywords_engine="fake", data=str(tmp_path))
        files = [("files", (f"{number}.wav", recording)) for number, recording in enumerate(whistles)]
        with served(create_app(settings)) as address:
            form = {"name": "mine", "keyword": "whistle"}
            assert httpx.post(f"{address}{PATH}", data=form, files=files, headers=ALICE, timeout=120).is_success
            told = self._told(f"{address.replace('http', 'ws')}/v1/audio/keywords/listen?model=mine", ALICE)
            other = self._told(f"{address.replace('http', 'ws')}/v1/audio/keywords/listen?model=mine", BOB)
        assert "whistle" in told[0]["keywords"]
        assert {message["keyword"] for message in told if message["type"] == "keyword"} == {"whistle"}
        assert [message["type"] for message in other] == ["problem"]

    @staticmethod
    def _told(address: str, headers: dict[str, str]) -> list[dict[str, Any]]:
        told = []
        with connect(address, additional_headers=headers, open_timeout=60) as server, suppress(ConnectionClosed):
            with wave.open(io.BytesIO(tone(WHISTLE_HZ, seconds=4))) as sound, suppress(ConnectionClosed):
                server.send(sound.readframes(sound.getnframes()))
                server.send('{"type": "finish"}')
            while True:
                told.append(json.loads(server.recv()))
        return told
