"""POST /v1/text/languages as documented, and what is told of texts in one language, in several, and in none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sentiment.identifier import Identifier
from services.sentiment.languages import languages_of
from tests.services.sentiment.conftest import Serve
from tests.services.sentiment.test_language import OTHERS

PATH = "/v1/text/languages"
ENGLISH = "The weather is nice today, and nobody knows why the train is late again. "
GERMAN = "Das Wetter ist heute sehr schön, und niemand weiß, warum der Zug schon wieder zu spät kommt. "


@pytest.mark.parametrize("code", OTHERS)
def test_the_dominant_language_comes_first(identifier: Identifier, code: str) -> None:
    assert languages_of(OTHERS[code], identifier)[0][0] == code
    found, score = languages_of(f"{OTHERS[code]} " * 100, identifier)[0]
    assert found == code
    assert score > 0.5


def test_a_text_in_two_languages_has_both_by_their_shares(identifier: Identifier) -> None:
    found = languages_of(ENGLISH * 20 + GERMAN * 40, identifier)
    assert [code for code, _ in found] == ["de", "en"]
    letters = {code: sum(map(str.isalpha, text)) for code, text in (("de", GERMAN * 40), ("en", ENGLISH * 20))}
    for code, score in found:
        assert score == pytest.approx(letters[code] / sum(letters.values()), abs=0.05)


@pytest.mark.parametrize(
    ("text", "code"),
    [("臺灣的天氣很好，我們去吃飯吧", "zh-TW"), ("今天天气很好，我们去吃饭吧", "zh"), ("你好嗎", "zh-TW")],
)
def test_chinese_is_told_by_its_characters(identifier: Identifier, text: str, code: str) -> None:
    assert languages_of(text, identifier)[0][0] == code


@pytest.mark.parametrize("text", ["12345", "😂😂😂", "!!!", " ", "\x00", "\ud800", ""])
def test_what_is_in_no_language(identifier: Identifier, text: str) -> None:
    assert languages_of(text, identifier) == [("und", 1.0)]


@given(st.text(max_size=300))
def test_any_text_has_languages(identifier: Identifier, text: str) -> None:
    found = languages_of(text, identifier)
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(0.05 <= score <= 1 for score in scores)
    assert sum(scores) <= 1.001
    assert len({code for code, _ in found}) == len(found) > 0


@pytest.mark.anyio
class TestCall:
    async def test_one_text(self, serve: Serve) -> None:
        async with serve() as http:
            answer = (await http.post(PATH, json={"text": GERMAN})).json()
        assert answer["model"].startswith("py3langid/")
        [[language]] = [document["languages"] for document in answer["documents"]]
        assert language["language"] == "de"
        assert language["score"] > 0.9

    async def test_texts_keep_their_order(self, serve: Serve) -> None:
        async with serve() as http:
            answer = (await http.post(PATH, json={"texts": list(OTHERS.values())})).json()
        assert [document["languages"][0]["language"] for document in answer["documents"]] == list(OTHERS)

    @pytest.mark.parametrize(
        "body", [{}, {"text": "a", "texts": ["a"]}, {"text": " "}, {"texts": []}, {"text": "a", "labels": "ekman"}, []]
    )
    async def test_wrong_requests(self, serve: Serve, body: object) -> None:
        async with serve() as http:
            answer = await http.post(PATH, json=body)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:timbre:problem:invalid-input")

    async def test_limits_are_those_of_emotions(self, serve: Serve) -> None:
        async with serve() as http:
            answers = [await http.post(PATH, json=body) for body in ({"text": "a" * 200_001}, {"texts": ["a"] * 257})]
        assert [(answer.status_code, answer.json()["limit"]) for answer in answers] == [(413, 200_000), (413, 256)]
