"""DetectSentiment and BatchDetectSentiment, as boto3 calls them."""

from typing import Any

import pytest

from tests.compat.conftest import Client
from tests.compat.test_door import error_of

pytestmark = pytest.mark.timeout(300)

GOOD, BAD = "The food was wonderful and I love this place.", "The waiter was rude, and I hate this awful soup."


@pytest.fixture(scope="module")
def comprehend(aws: Client) -> Any:
    return aws("comprehend")


def test_each_sentiment_has_its_name(comprehend: Any) -> None:
    texts = {"POSITIVE": GOOD, "NEGATIVE": BAD, "NEUTRAL": "The table is made of wood.", "MIXED": f"{GOOD} {BAD}"}
    for sentiment, text in texts.items():
        answer = comprehend.detect_sentiment(Text=text, LanguageCode="en")
        assert answer["Sentiment"] == sentiment
        scores = answer["SentimentScore"]
        assert sorted(scores) == ["Mixed", "Negative", "Neutral", "Positive"]
        assert sum(scores.values()) == pytest.approx(1, abs=0.001)
        assert max(scores, key=scores.get).upper() == sentiment


def test_the_end_of_a_text_counts_as_its_beginning(comprehend: Any) -> None:
    answer = comprehend.detect_sentiment(Text=f"{GOOD} " + f"{BAD} " * 20, LanguageCode="en")
    assert answer["Sentiment"] == "NEGATIVE"
    assert comprehend.detect_sentiment(Text=f"{BAD} " + f"{GOOD} " * 20, LanguageCode="en")["Sentiment"] == "POSITIVE"


def test_a_text_is_in_the_language_that_it_is_said_to_be_in(comprehend: Any) -> None:
    text = "Das Wetter ist heute sehr schlecht und ich bin traurig."
    assert comprehend.detect_sentiment(Text=text, LanguageCode="en")["Sentiment"]


def test_a_batch_says_what_each_call_says(comprehend: Any) -> None:
    texts = [GOOD, BAD, "The table is made of wood."] * 8 + [GOOD]
    answer = comprehend.batch_detect_sentiment(TextList=texts, LanguageCode="en")
    assert [one["Index"] for one in answer["ResultList"]] == list(range(25))
    assert answer["ErrorList"] == []
    for text, one in list(zip(texts, answer["ResultList"], strict=True))[:3]:
        alone = comprehend.detect_sentiment(Text=text, LanguageCode="en")
        assert one["Sentiment"] == alone["Sentiment"]
        assert one["SentimentScore"] == pytest.approx(alone["SentimentScore"], abs=0.02)


def test_texts_of_a_batch_that_cannot_be_answered_are_told_beside(comprehend: Any) -> None:
    answer = comprehend.batch_detect_sentiment(TextList=["é" * 2_501, GOOD, " ", BAD], LanguageCode="en")
    assert [one["Index"] for one in answer["ResultList"]] == [1, 3]
    told = [(one["Index"], one["ErrorCode"]) for one in answer["ErrorList"]]
    assert told == [(0, "TextSizeLimitExceededException"), (2, "InvalidRequestException")]
    assert "5002 bytes" in answer["ErrorList"][0]["ErrorMessage"]
    assert comprehend.batch_detect_sentiment(TextList=["a" * 5_001], LanguageCode="en")["ResultList"] == []


def test_the_limits_are_aws_own(comprehend: Any) -> None:
    assert comprehend.detect_sentiment(Text="a. " * 1_666 + "é", LanguageCode="en")["Sentiment"]
    error = error_of(comprehend.detect_sentiment, Text="é" * 2_501, LanguageCode="en")
    assert error[:2] == ("TextSizeLimitExceededException", 400)
    assert "5000" in error[2]
    error = error_of(comprehend.batch_detect_sentiment, TextList=["a"] * 26, LanguageCode="en")
    assert error[:2] == ("BatchSizeLimitExceededException", 400)
    assert "25" in error[2]


def test_a_batch_of_the_longest_texts_with_the_most_sentences(comprehend: Any) -> None:
    answer = comprehend.batch_detect_sentiment(TextList=["Hi.\n\n" * 1_000] * 10, LanguageCode="en")
    assert len(answer["ResultList"]) == 10


@pytest.mark.parametrize("code", ["de", "zh-TW", "xx"])
def test_other_languages_are_refused(comprehend: Any, code: str) -> None:
    for call, given in (
        (comprehend.detect_sentiment, {"Text": "Guten Morgen."}),
        (comprehend.batch_detect_sentiment, {"TextList": ["Guten Morgen."]}),
    ):
        error = error_of(call, **given, LanguageCode=code)
        assert error[:2] == ("UnsupportedLanguageException", 400)
        assert "en (English)" in error[2]


def test_a_blank_text_is_refused(comprehend: Any) -> None:
    assert error_of(comprehend.detect_sentiment, Text=" \n", LanguageCode="en")[:2] == ("InvalidRequestException", 400)
