"""POST /v1/text/emotions as documented: shapes, offsets, limits, languages, and nobody gets another's answer."""

import asyncio
import json
import random
from collections.abc import Sequence

import pytest

from services.sentiment.engine import EmotionScores
from services.sentiment.engines.fake import Fake
from tests.services.sentiment.conftest import Serve
from tests.serving import sent_to_one_who_leaves

PATH = "/v1/text/emotions"
TEXT = "The “old” man 🎉 was happy. Wow, Dr. Smith met 3.5 million people!\n\nSilence."

pytestmark = pytest.mark.anyio


class TestAnswer:
    async def test_one_text(self, serve: Serve) -> None:
        async with serve() as http:
            answer = (await http.post(PATH, json={"text": TEXT})).json()
        assert answer["model"] == "fake/1"
        [document] = answer["documents"]
        sentences = document["sentences"]
        assert [sentence["emotion"] for sentence in sentences] == ["joy", "surprise", "neutral"]
        for sentence in sentences:
            assert TEXT[sentence["start"] : sentence["end"]] == sentence["text"]
            assert sentence["score"] == sentence["scores"][sentence["emotion"]] == max(sentence["scores"].values())
            assert sum(sentence["scores"].values()) == pytest.approx(1, abs=0.001)
            assert sum(sentence["sentiment_scores"].values()) == pytest.approx(1, abs=0.001)
            assert list(sentence["sentiment_scores"]) == ["positive", "negative", "neutral", "mixed"]
            assert sentence["confident"] is True
        assert document["sentiment"] == max(document["sentiment_scores"], key=document["sentiment_scores"].get)

    async def test_texts_keep_their_order(self, serve: Serve) -> None:
        texts = ["I was sad. " * (10 - number) + f"Number {number}." for number in range(10)]
        async with serve() as http:
            answer = (await http.post(PATH, json={"texts": texts})).json()
        for text, document in zip(texts, answer["documents"], strict=True):
            assert document["sentences"][-1]["text"] == text.split(". ")[-1]
            assert len(document["sentences"]) == text.count(".")
        assert answer["documents"][0]["sentiment"] == "negative"

    async def test_goemotions_labels(self, serve: Serve) -> None:
        async with serve() as http:
            answer = (await http.post(PATH, json={"text": "I am scared.", "labels": "goemotions"})).json()
        [sentence] = answer["documents"][0]["sentences"]
        assert len(sentence["scores"]) == 28
        assert sentence["emotion"] == "fear"

    @pytest.mark.parametrize(
        "text", ["\x00", "\ufeff", "👩‍👩‍👧 🎉!!", "é" * 3000, "1" * 100_000, "a" * 20_000, "....."]
    )
    async def test_odd_texts_are_answered(self, serve: Serve, text: str) -> None:
        async with serve() as http:
            answer = await http.post(PATH, json={"text": text})
        assert answer.status_code == 200
        sentences = answer.json()["documents"][0]["sentences"]
        assert "".join("".join(sentence["text"] for sentence in sentences).split()) == "".join(text.split())


class TestRefusals:
    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": "Hello.", "texts": ["Hello."]},
            {"text": ""},
            {"text": " \n\t\u2003\x1c"},
            {"texts": []},
            {"texts": ["Hello.", ""]},
            {"texts": "Hello."},
            {"text": 7},
            {"text": "Hello.", "labels": "plutchik"},
            {"text": "Hello.", "lables": "ekman"},
            {"text": "Hello.", "language": "x'; drop table"},
            [],
        ],
    )
    async def test_wrong_requests(self, serve: Serve, body: object) -> None:
        async with serve() as http:
            answer = await http.post(PATH, json=body)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:timbre:problem:invalid-input"

    @pytest.mark.parametrize("body", [b'{"text": "a \\ud800 b"}', b'{"text": "\xff"}', b'{"text": NaN}', b"{", b""])
    async def test_broken_json_and_lone_surrogates(self, serve: Serve, body: bytes) -> None:
        async with serve() as http:
            answer = await http.post(PATH, content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 400

    async def test_limits_are_named(self, serve: Serve) -> None:
        bodies = [
            ({"text": "Hello. " * 150_000}, 200_000),
            ({"texts": ["Hello."] * 257}, 256),
            ({"text": "Hi.\n\n" * 8001}, 8_000),
        ]
        async with serve() as http:
            for body, limit in bodies:
                answer = await http.post(PATH, json=body)
                assert answer.status_code == 413
                assert answer.json()["limit"] == limit

    async def test_other_languages_are_refused_and_named(self, serve: Serve) -> None:
        german = "Das Wetter ist heute sehr schlecht und ich bin traurig."
        async with serve() as http:
            answer = await http.post(PATH, json={"texts": ["I am sad.", german]})
            said_english = await http.post(PATH, json={"text": german, "language": "en-GB"})
            said_german = await http.post(PATH, json={"text": "I am sad.", "language": "de"})
        assert answer.status_code == said_german.status_code == 400
        assert answer.json()["type"] == said_german.json()["type"] == "urn:timbre:problem:unsupported-language"
        assert answer.json()["param"] == "texts.1"
        assert answer.json()["language"] == "de"
        assert "Wetter" not in answer.text
        assert said_english.status_code == 200

    async def test_full_queue_is_busy(self, serve: Serve) -> None:
        async with serve(requests_at_once=1, queue=1) as http:
            many = [http.post(PATH, json={"text": "Hello. " * 2000}) for _ in range(8)]
            answers = await asyncio.gather(*many)
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses[:2] == [200, 200]
        assert statuses[-1] == 429
        assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 429)

    async def test_work_ends_when_the_client_leaves(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        pieces: list[int] = []
        left = asyncio.Event()
        loop = asyncio.get_running_loop()
        score = Fake.scores

        def counted(engine: Fake, texts: Sequence[str]) -> EmotionScores:
            pieces.append(len(texts))
            loop.call_soon_threadsafe(left.set)
            return score(engine, texts)

        monkeypatch.setattr(Fake, "scores", counted)
        async with serve() as http:
            text = "This is a sentence of some length, and it goes on. " * 3000
            sent = await sent_to_one_who_leaves(http, http.build_request("POST", PATH, json={"text": text}), left.wait)
            metrics = (await http.get("/metrics")).text
        assert sent[0]["status"] == 499
        assert 0 < len(pieces) < 75
        assert "timbre_requests_in_progress 1.0" in metrics


class TestTogether:
    async def test_200_callers_get_their_own_answers(self, serve: Serve) -> None:
        draw = random.Random(1)
        words = {"furious": "anger", "scared": "fear", "happy": "joy", "sad": "sadness", "grey": "neutral"}
        orders = [[(number, draw.choice(list(words))) for _ in range(draw.randint(1, 30))] for number in range(200)]

        async def check(http: object, order: list[tuple[int, str]]) -> None:
            text = " ".join(f"Caller {number} is {word}." for number, word in order)
            labels = draw.choice(["ekman", "goemotions"])
            answer = await http.post(PATH, json={"text": text, "labels": labels})
            sentences = answer.json()["documents"][0]["sentences"]
            assert [sentence["text"] for sentence in sentences] == [f"Caller {n} is {word}." for n, word in order]
            assert [sentence["emotion"] for sentence in sentences] == [words[word] for _, word in order]

        async with serve(queue=200) as http:
            await asyncio.gather(*(check(http, order) for order in orders))

    async def test_metrics_and_logs_hold_no_text(self, serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level("DEBUG"):
            async with serve() as http:
                await http.post(PATH, json={"text": "Pumpernickel."})
                await http.post(PATH, json={"text": "Pumpernickel.", "language": "de"})
                metrics = (await http.get("/metrics")).text
        logged = json.dumps([record.__dict__ for record in caplog.records], default=str)
        assert "Pumpernickel" not in logged + metrics
        assert 'timbre_engine_duration_seconds_count{engine="fake"} 1.0' in metrics
        assert 'timbre_requests_total{method="POST",route="/v1/text/emotions",status="200"} 1.0' in metrics
