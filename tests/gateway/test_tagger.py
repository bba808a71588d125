"""Batches to the sentiment service."""

import pytest
from aiohttp import web

from gateway.settings import GatewaySettings
from gateway.tagger import Tagger
from gateway.upstream import Relayed, Service, services_session
from shared.problems import EngineFailed

pytestmark = pytest.mark.anyio


async def hear(settings: GatewaySettings, texts: list[str], batch: int = 4, calls: int = 2) -> list[str | None]:
    async with services_session(settings) as session:
        service = Service("sentiment", settings.sentiment_url, session, {})
        heard = await Tagger(service, batch, calls).hear(texts)
    return [one.label if one else None for one in heard]


async def test_batches_keep_their_order_and_are_few_at_once(settings: GatewaySettings, sentiment) -> None:
    texts = [f"{word} {number}" for number in range(7) for word in ("furious", "alone")]
    assert await hear(settings, texts) == ["anger", "sadness"] * 7
    assert sorted(map(len, sentiment.batches)) == [2, 4, 4, 4]
    assert sentiment.most_at_once <= 2


async def test_no_text_is_no_call(settings: GatewaySettings, sentiment) -> None:
    assert await hear(settings, []) == []
    assert sentiment.batches == []


async def test_another_language_silences_only_its_own_sentence(settings: GatewaySettings) -> None:
    texts = ["furious", "Bonjour", "alone", "wonderful", "Bonjour", "Bonjour"]
    assert await hear(settings, texts) == ["anger", None, "sadness", "joy", None, None]


async def test_a_service_that_fails_ends_it_all(settings: GatewaySettings, sentiment) -> None:
    sentiment.answer = web.Response(status=429, body=b"{}", content_type="application/problem+json")
    with pytest.raises(Relayed) as relayed:
        await hear(settings, ["x"] * 20)
    assert relayed.value.status == 429


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"documents": []}',
        b'{"documents": [{"sentences": [{"emotion": "joy", "scores": {}, "confident": true}]}]}',
        b'{"documents": [{"sentences": [{"emotion": "glee", "scores": {"glee": 1}, "confident": true}]}]}',
    ],
)
async def test_an_answer_in_another_form_is_the_engines_fault(
    settings: GatewaySettings, sentiment, body: bytes
) -> None:
    sentiment.answer = web.Response(body=body, content_type="application/json")
    with pytest.raises(EngineFailed):
        await hear(settings, ["x"])


async def test_a_text_without_sentences_is_not_heard(settings: GatewaySettings, sentiment) -> None:
    sentiment.answer = web.json_response({"documents": [{"sentences": []}]})
    assert await hear(settings, ["..."]) == [None]
