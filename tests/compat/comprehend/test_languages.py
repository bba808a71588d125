"""DetectDominantLanguage and BatchDetectDominantLanguage, as boto3 calls them."""

from typing import Any

import pytest

from tests.compat.conftest import Client
from tests.compat.test_door import error_of
from tests.services.sentiment.test_language import OTHERS

pytestmark = pytest.mark.timeout(300)

ENGLISH = "The weather is nice today, and nobody knows why the train is late again. "
GERMAN = "Das Wetter ist heute sehr schön, und niemand weiß, warum der Zug schon wieder zu spät kommt. "


@pytest.fixture(scope="module")
def comprehend(aws: Client) -> Any:
    return aws("comprehend")


def test_the_dominant_language_comes_first(comprehend: Any) -> None:
    for code, text in OTHERS.items():
        languages = comprehend.detect_dominant_language(Text=text)["Languages"]
        assert languages[0]["LanguageCode"] == code
        assert languages[0]["Score"] == max(one["Score"] for one in languages)


def test_a_text_in_two_languages_has_both(comprehend: Any) -> None:
    languages = comprehend.detect_dominant_language(Text=ENGLISH * 5 + GERMAN * 10)["Languages"]
    assert [one["LanguageCode"] for one in languages] == ["de", "en"]


def test_chinese_as_aws_tells_it(comprehend: Any) -> None:
    answer = comprehend.batch_detect_dominant_language(
        TextList=["今天天气很好，我们去吃饭吧", "臺灣的天氣很好，我們去吃飯吧"]
    )
    assert [one["Languages"][0]["LanguageCode"] for one in answer["ResultList"]] == ["zh", "zh-TW"]


def test_what_is_in_no_language_is_undetermined(comprehend: Any) -> None:
    assert comprehend.detect_dominant_language(Text="12345")["Languages"] == [{"LanguageCode": "und", "Score": 1.0}]


def test_a_batch(comprehend: Any) -> None:
    answer = comprehend.batch_detect_dominant_language(TextList=[GERMAN, "a" * 5_001, " ", ENGLISH])
    assert [(one["Index"], one["Languages"][0]["LanguageCode"]) for one in answer["ResultList"]] == [
        (0, "de"),
        (3, "en"),
    ]
    told = [(one["Index"], one["ErrorCode"]) for one in answer["ErrorList"]]
    assert told == [(1, "TextSizeLimitExceededException"), (2, "InvalidRequestException")]


def test_the_limits_are_aws_own(comprehend: Any) -> None:
    longest = (ENGLISH * 2_000)[:100_000]
    assert comprehend.detect_dominant_language(Text=longest)["Languages"][0]["LanguageCode"] == "en"
    error = error_of(comprehend.detect_dominant_language, Text=longest + "a")
    assert error[:2] == ("TextSizeLimitExceededException", 400)
    assert "100000" in error[2]
    error = error_of(comprehend.batch_detect_dominant_language, TextList=["a"] * 26)
    assert error[:2] == ("BatchSizeLimitExceededException", 400)
    assert error_of(comprehend.detect_dominant_language, Text=" ")[0] == "InvalidRequestException"
