"""Whole texts, asked of the real sentiment service with the engine that knows a dozen words."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiohttp import web

from gateway.settings import GatewaySettings
from gateway.texts import feelings_of, languages_of
from gateway.upstream import Relayed, Service, services_session
from services.sentiment.app import create_app
from services.sentiment.identifier import Identifier
from services.sentiment.settings import SentimentSettings
from shared.problems import EngineFailed
from tests.serving import served

pytestmark = pytest.mark.anyio
TEXTS = [f"Number {number} is {word}." for number in range(9) for word in ("sad", "wonderful", "grey")]


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """A service that takes no more than four texts, nor a hundred characters, at once."""
    with served(
        create_app(SentimentSettings(sentiment_engine="fake", max_texts=4, max_characters=100), Identifier())
    ) as address:
        yield address


async def asked(address: str, ask: Callable[..., Any], *given: Any) -> Any:
    async with services_session(GatewaySettings()) as session:
        return await ask(Service("sentiment", address, session, {}), *given)


async def test_more_than_the_service_takes_goes_in_halves(small: str) -> None:
    found = await asked(small, feelings_of, TEXTS)
    assert [one.sentiment for one in found] == ["negative", "positive", "neutral"] * 9
    assert [one.sentences[0].text for one in found] == TEXTS
    assert found[0].members["Sentiment"] == "NEGATIVE"
    assert sorted(found[0].members["SentimentScore"]) == ["Mixed", "Negative", "Neutral", "Positive"]
    spoken = ["Good morning, how are you today?", "Guten Morgen, wie geht es dir heute?"] * 5
    languages = await asked(small, languages_of, spoken)
    assert [one.languages[0].language for one in languages] == ["en", "de"] * 5


async def test_a_batch_is_one_call() -> None:
    with served(create_app(SentimentSettings(sentiment_engine="fake"), Identifier())) as address:
        assert len(await asked(address, feelings_of, TEXTS[:25])) == 25
        assert len(await asked(address, languages_of, TEXTS[:25])) == 25
        async with services_session(GatewaySettings()) as session, session.get(f"{address}/metrics") as answer:
            metrics = await answer.text()
    for call in ("emotions", "languages"):
        assert f'timbre_requests_total{{method="POST",route="/v1/text/{call}",status="200"}} 1.0' in metrics


async def test_one_text_that_is_too_large_is_refused(small: str) -> None:
    with pytest.raises(Relayed) as refused:
        await asked(small, feelings_of, ["I am sad.", "a" * 101])
    assert refused.value.slug == "too-large"


async def test_no_text_is_no_call() -> None:
    assert await asked("http://127.0.0.1:1", feelings_of, []) == []


async def test_labels_are_those_that_are_asked_for(small: str) -> None:
    (found,) = await asked(small, feelings_of, ["I am scared."], "goemotions")
    assert len(found.sentences[0].scores) == 28


@pytest.mark.parametrize("body", [{"documents": []}, {"documents": [{}]}, []])
async def test_an_answer_in_another_form_is_the_engines_fault(sentiment, settings: GatewaySettings, body: Any) -> None:
    sentiment.answer = web.json_response(body)
    with pytest.raises(EngineFailed):
        await asked(settings.sentiment_url, feelings_of, ["a"])
