"""The pipeline's calls, with stand-ins behind the gateway."""

import asyncio
import base64
import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from email.parser import BytesParser
from typing import Any

import httpx
import pytest
from aiohttp import web

PARAGRAPH = "What a wonderful day! I sat at the table. Then I was furious. Perhaps we go, perhaps not."
pytestmark = pytest.mark.anyio


def plan_of(answer: httpx.Response) -> dict[str, Any]:
    encoded = answer.headers["x-timbre-plan"]
    assert "=" not in encoded
    return json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))


async def speak(gateway: httpx.AsyncClient, **body: object) -> httpx.Response:
    return await gateway.post("/v1/speech/emotional", json=body)


class TestPlan:
    async def test_shape(self, gateway: httpx.AsyncClient) -> None:
        answer = await gateway.post("/v1/speech/plan", json={"text": PARAGRAPH})
        assert answer.status_code == 200
        sentences = answer.json()["sentences"]
        assert sentences[0] == {
            "text": "What a wonderful day!",
            "emotion": "happy",
            "intensity": 1.0,
            "score": 0.9,
            "source": "auto",
            "voice": "slt",
            "model": "slt",
            "style": "happy",
            "fallback": True,
        }
        assert [(one["emotion"], one["source"]) for one in sentences[1:]] == [
            ("neutral", "auto"),
            ("angry", "auto"),
            ("neutral", "default"),
        ]

    async def test_tags_and_paragraphs(self, gateway: httpx.AsyncClient, sentiment) -> None:
        text = "[calm 0.5]I am furious.[/calm]\n\nThe [pause 1s] end."
        answer = await gateway.post("/v1/speech/plan", json={"text": text, "text_type": "tagged", "voice": "rms"})
        first, second = answer.json()["sentences"]
        assert (first["emotion"], first["intensity"], first["source"]) == ("calm", 0.5, "manual")
        assert first["score"] is None
        assert first["paragraph_end"] is True
        assert "ssml" not in first
        assert second["ssml"] == '<s>The <break time="1s"/> end.</s>'
        assert sentiment.batches == [["The  end."]]

    async def test_voices_are_known_by_their_aliases_and_kept_for_a_while(
        self, gateway: httpx.AsyncClient, speech
    ) -> None:
        for _ in range(3):
            answer = await gateway.post("/v1/speech/plan", json={"text": "One.", "voice": "alloy"})
            assert answer.json()["sentences"][0]["voice"] == "slt"
        assert speech.voice_calls == 1

    async def test_long_text_is_cut_into_batches(self, gateway: httpx.AsyncClient, sentiment) -> None:
        answer = await gateway.post("/v1/speech/plan", json={"text": "The table is here. " * 500})
        assert len(answer.json()["sentences"]) == 500
        assert sum(map(len, sentiment.batches)) == 500
        assert max(map(len, sentiment.batches)) == 48
        assert sentiment.most_at_once <= 3

    @pytest.mark.parametrize(
        ("body", "status", "param"),
        [
            ({}, 400, "text"),
            ({"text": ""}, 400, "text"),
            ({"text": "   "}, 400, "text"),
            ({"text": "a\0b"}, 400, "text"),
            ({"text": 5}, 400, "text"),
            ({"text": "x", "text_type": "html"}, 400, "text_type"),
            ({"text": "x", "tagger": 0}, 400, "tagger"),
            ({"text": "x", "tagger": "no"}, 400, "tagger"),
            ({"text": "[angri]x[/angri]", "text_type": "tagged"}, 400, "text"),
            ({"text": "<speak>", "text_type": "ssml"}, 400, "text"),
            ({"text": "x", "voice": "nobody"}, 404, "voice"),
            ({"text": "x" * 20_001}, 413, "text"),
        ],
    )
    async def test_refusals(self, gateway: httpx.AsyncClient, body: object, status: int, param: str) -> None:
        answer = await gateway.post("/v1/speech/plan", json=body)
        assert (answer.status_code, answer.json()["param"]) == (status, param)
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_lone_surrogates(self, gateway: httpx.AsyncClient) -> None:
        headers = {"content-type": "application/json"}
        answer = await gateway.post("/v1/speech/plan", content=b'{"text": "a\\ud800b"}', headers=headers)
        assert answer.status_code == 400

    async def test_without_the_tagger_nothing_is_asked(self, gateway: httpx.AsyncClient, sentiment) -> None:
        sentiment.answer = web.Response(status=500)
        answer = await gateway.post("/v1/speech/plan", json={"text": PARAGRAPH, "tagger": False})
        assert {one["source"] for one in answer.json()["sentences"]} == {"default"}
        tagged = {"text": "[angry]One. Two.[/angry]", "text_type": "tagged"}
        assert (await gateway.post("/v1/speech/plan", json=tagged)).status_code == 200
        assert sentiment.batches == []


class TestEmotional:
    async def test_order_to_the_tts_service(self, gateway: httpx.AsyncClient, speech) -> None:
        headers = {"x-request-id": "id-1", "x-timbre-key": "tmb_abc"}
        body = {"text": "I was furious.", "voice": "rms", "speed": 1.5, "response_format": "wav", "lexicons": ["w3c"]}
        answer = await gateway.post("/v1/speech/emotional", json=body, headers=headers)
        assert (answer.status_code, answer.content) == (200, b"RIFFsound")
        assert answer.headers["content-type"] == "audio/mpeg"
        assert answer.headers["x-request-id"] == "id-1"
        tagged = '<s><mstts:express-as style="angry" styledegree="1">I was furious.</mstts:express-as></s>'
        assert speech.orders == [
            {
                "model": "timbre",
                "input": f"<speak>{tagged}</speak>",
                "text_type": "ssml",
                "voice": "rms",
                "response_format": "wav",
                "speed": 1.5,
                "lexicons": ["w3c"],
                "stream_format": "audio",
            }
        ]
        assert speech.headers[0]["x-request-id"] == "id-1"
        assert speech.headers[0]["x-timbre-key"] == "tmb_abc"

    @pytest.mark.parametrize("way", [{}, {"plan": "multipart"}])
    async def test_where_the_sound_comes_from_is_passed_on(
        self, gateway: httpx.AsyncClient, speech, way: dict[str, str]
    ) -> None:
        said = {"x-timbre-synthetic": "true", "x-timbre-model": "alice/3, flite/slt"}
        speech.answer = web.Response(body=b"RIFF", headers={**said, "X-Other": "no"}, content_type="audio/wav")
        answer = await speak(gateway, text="Hello.", **way)
        assert said.items() <= answer.headers.items()
        assert "x-other" not in answer.headers

    async def test_plan_in_the_header_is_the_plan(self, gateway: httpx.AsyncClient) -> None:
        answer = await speak(gateway, text=PARAGRAPH)
        planned = await gateway.post("/v1/speech/plan", json={"text": PARAGRAPH})
        assert plan_of(answer) == planned.json()

    async def test_header_stays_small(self, gateway: httpx.AsyncClient) -> None:
        answer = await speak(gateway, text="The table is here. " * 40)
        assert len(answer.headers["x-timbre-plan"]) < 4096
        assert plan_of(answer) == {"sentence_count": 40, "see": "POST /v1/speech/plan"}

    @pytest.mark.parametrize("way", [{"plan": "multipart"}, {}])
    async def test_multipart(self, gateway: httpx.AsyncClient, way: dict[str, str]) -> None:
        headers = {} if way else {"accept": "multipart/mixed"}
        body = {"text": "The table is here. " * 40, **way}
        answer = await gateway.post("/v1/speech/emotional", json=body, headers=headers)
        assert "x-timbre-plan" not in answer.headers
        kind = answer.headers["content-type"].encode()
        message = BytesParser().parsebytes(b"Content-Type: " + kind + b"\r\n\r\n" + answer.content)
        plan, sound = message.get_payload()
        assert len(json.loads(plan.get_payload())["sentences"]) == 40
        assert sound.get_content_type() == "audio/mpeg"
        assert sound.get_payload(decode=True) == b"RIFFsound"

    async def test_edited_plan(self, gateway: httpx.AsyncClient, speech, sentiment) -> None:
        plan = (await gateway.post("/v1/speech/plan", json={"text": "I was furious. I sat at the table."})).json()
        plan["sentences"][0]["emotion"] = "sad"
        plan["sentences"][1]["text"] = "I stood."
        sentiment.batches.clear()
        answer = await speak(gateway, **plan)
        assert sentiment.batches == []
        assert 'style="sad"' in speech.orders[0]["input"]
        assert "<s>I stood.</s>" in speech.orders[0]["input"]
        assert [(one["emotion"], one["source"]) for one in plan_of(answer)["sentences"]] == [
            ("sad", "manual"),
            ("neutral", "manual"),
        ]

    @pytest.mark.parametrize(
        ("change", "param"),
        [
            ({"emotion": "bored"}, "sentences.1.emotion"),
            ({"emotion": "disgusted"}, "sentences.1.emotion"),
            ({"intensity": 3}, "sentences.1.intensity"),
            ({"voice": "nobody"}, "sentences.1.voice"),
            ({"ssml": "<marquee>x</marquee>"}, "sentences.1.ssml"),
            ({"text": " "}, "sentences.1.text"),
        ],
    )
    async def test_edited_plans_are_checked(
        self, gateway: httpx.AsyncClient, speech, change: dict[str, object], param: str
    ) -> None:
        answer = await speak(gateway, sentences=[{"text": "One."}, {"text": "Two.", **change}])
        assert (answer.status_code, answer.json()["param"]) == (400, param)
        assert speech.orders == []

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": "x", "sentences": [{"text": "x"}]},
            {"sentences": []},
            {"text": "x", "response_format": "midi"},
            {"text": "x", "speed": 9},
            {"text": "x", "speed": True},
            {"text": "x", "speed": "1"},
            {"text": "x", "tagger": 1},
            {"sentences": [{"text": "x", "paragraph_end": 0}]},
            {"sentences": [{"text": "x", "intensity": True}]},
        ],
    )
    async def test_refusals(self, gateway: httpx.AsyncClient, body: dict[str, object]) -> None:
        assert (await speak(gateway, **body)).status_code == 400


class TestServicesFail:
    async def test_a_problem_of_the_tts_service_passes_through(self, gateway: httpx.AsyncClient, speech) -> None:
        body = b'{"type": "urn:timbre:problem:busy", "status": 429, "odd": "kept"}'
        kind = {"Content-Type": "application/problem+json", "Retry-After": "7", "Server": "inner"}
        speech.answer = web.Response(status=429, body=body, headers=kind)
        answer = await speak(gateway, text="One.")
        assert (answer.status_code, answer.content) == (429, body)
        assert answer.headers["retry-after"] == "7"
        assert answer.headers["content-type"] == "application/problem+json"
        assert "server" not in answer.headers

    async def test_an_error_that_is_no_problem_becomes_one(self, gateway: httpx.AsyncClient, speech) -> None:
        speech.answer = web.Response(status=500, text="Traceback: secret")
        answer = await speak(gateway, text="One.")
        assert answer.status_code == 503
        assert "secret" not in answer.text

    async def test_services_that_are_down(
        self, gateway_with: Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]
    ) -> None:
        nowhere = "http://127.0.0.1:1"
        async with gateway_with(sentiment_url=nowhere) as gateway:
            refused = await speak(gateway, text="One.")
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert "sentiment" in refused.json()["detail"]
            assert (await speak(gateway, text="One.", tagger=False)).status_code == 200
            tagged = {"text": "[angry]One.[/angry]", "text_type": "tagged"}
            assert (await speak(gateway, **tagged)).status_code == 200
        async with gateway_with(tts_url=nowhere) as gateway:
            assert (await speak(gateway, text="One.")).status_code == 503

    async def test_text_in_another_language_is_spoken_neutrally(self, gateway: httpx.AsyncClient) -> None:
        answer = await speak(gateway, text="Bonjour tout le monde. I was furious.")
        assert [one["source"] for one in plan_of(answer)["sentences"]] == ["default", "auto"]
        french = await speak(gateway, text="Je suis furious.", voice="fr")
        assert [one["source"] for one in plan_of(french)["sentences"]] == ["default"]


class TestStreaming:
    async def test_sound_comes_as_it_is_made(self, live_gateway: httpx.AsyncClient, speech) -> None:
        speech.go_on.clear()
        async with live_gateway.stream("POST", "/v1/speech/emotional", json={"text": "One."}) as answer:
            pieces = answer.aiter_raw()
            assert await anext(pieces) == b"RIFF"
            speech.go_on.set()
            assert b"".join([piece async for piece in pieces]) == b"sound"

    async def test_a_client_that_leaves_ends_the_synthesis(self, live_gateway: httpx.AsyncClient, speech) -> None:
        speech.go_on.clear()
        async with live_gateway.stream("POST", "/v1/speech/emotional", json={"text": "One."}) as answer:
            await anext(answer.aiter_raw())
        await asyncio.wait_for(speech.left.wait(), 5)

    async def test_a_client_that_leaves_before_the_first_sound_ends_it_too(
        self, live_gateway: httpx.AsyncClient, speech
    ) -> None:
        speech.go_on.clear()
        speech.chunks = [b"", b"never"]
        with pytest.raises(httpx.ReadTimeout):
            await live_gateway.post("/v1/speech/emotional", json={"text": "One."}, timeout=httpx.Timeout(5, read=0.2))
        await asyncio.wait_for(speech.left.wait(), 5)

    async def test_a_client_that_does_not_listen_and_leaves_ends_it_too(
        self, live_gateway: httpx.AsyncClient, speech
    ) -> None:
        speech.chunks = [bytes(1 << 20)] * 200
        async with live_gateway.stream("POST", "/v1/speech/emotional", json={"text": "One."}) as answer:
            assert answer.status_code == 200
        await asyncio.wait_for(speech.left.wait(), 5)

    async def test_many_callers_get_their_own_sound(self, live_gateway: httpx.AsyncClient, speech) -> None:
        speech.speaks_its_input = True
        answers = await asyncio.gather(*(speak(live_gateway, text=f"Number {number} it is.") for number in range(40)))
        for number, answer in enumerate(answers):
            assert answer.text == f"<speak><s>Number {number} it is.</s></speak>"

    async def test_silence_is_an_error(self, gateway: httpx.AsyncClient, speech) -> None:
        speech.chunks = []
        answer = await speak(gateway, text="One.")
        assert (answer.status_code, answer.json()["type"]) == (500, "urn:timbre:problem:engine-failed")
