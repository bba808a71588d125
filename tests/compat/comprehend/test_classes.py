"""ClassifyDocument on the endpoints of emotions, and the calls that find these, as boto3 makes them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.compat.conftest import REGION, Client
from tests.compat.test_door import error_of

pytestmark = pytest.mark.timeout(300)

EKMAN = {"anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral"}


def arn(name: str, region: str = REGION, account: str = "000000000000") -> str:
    return f"arn:aws:comprehend:{region}:{account}:document-classifier-endpoint/{name}"


@pytest.fixture(scope="module")
def comprehend(aws: Client) -> Any:
    return aws("comprehend")


def test_emotions_are_classes(comprehend: Any) -> None:
    text = "I am so happy that you came! It is wonderful to see you."
    classes = comprehend.classify_document(Text=text, EndpointArn=arn("emotion"))["Classes"]
    assert {one["Name"] for one in classes} == EKMAN
    assert classes[0]["Name"] == "joy"
    scores = [one["Score"] for one in classes]
    assert scores == sorted(scores, reverse=True)
    assert sum(scores) == pytest.approx(1, abs=0.01)


def test_the_longer_sentence_counts_for_more(comprehend: Any) -> None:
    text = "I am happy. I am afraid of the dark woods behind our house, and scared to death of what lives in there."
    classes = comprehend.classify_document(Text=text, EndpointArn=arn("emotion"))["Classes"]
    assert [one["Name"] for one in classes[:2]] == ["fear", "joy"]


def test_finer_emotions_are_labels_of_which_several_may_hold(comprehend: Any) -> None:
    text = "Thank you so much! I am sorry that I forgot it."
    answer = comprehend.classify_document(Text=text, EndpointArn=arn("goemotions"))
    assert "Classes" not in answer
    assert len(answer["Labels"]) == 28
    assert {one["Name"] for one in answer["Labels"][:2]} == {"gratitude", "remorse"}
    assert all(one["Score"] > 0.5 for one in answer["Labels"][:2])


def test_a_file_of_text_is_told_of_as_a_document(comprehend: Any) -> None:
    text = "I am furious! I hate this café."
    answer = comprehend.classify_document(Bytes=text.encode(), EndpointArn=arn("emotion"))
    assert answer["Classes"][0]["Name"] == "anger"
    assert answer["DocumentMetadata"] == {"Pages": 1, "ExtractedCharacters": [{"Page": 1, "Count": len(text)}]}
    assert answer["DocumentType"] == [{"Page": 1, "Type": "PLAIN_TEXT"}]


@pytest.mark.parametrize("given", [{}, {"Text": "a", "Bytes": b"a"}, {"Bytes": b"%PDF-1.4\xff"}, {"Text": " "}])
def test_what_is_no_document(comprehend: Any, given: dict[str, Any]) -> None:
    error = error_of(comprehend.classify_document, **given, EndpointArn=arn("emotion"))
    assert error[:2] == ("InvalidRequestException", 400)


def test_the_limit_is_aws_own(comprehend: Any) -> None:
    assert comprehend.classify_document(Text="a" * 10_000, EndpointArn=arn("emotion"))["Classes"]
    for given in ({"Text": "é" * 5_001}, {"Bytes": b"a" * 10_001}):
        error = error_of(comprehend.classify_document, **given, EndpointArn=arn("emotion"))
        assert error[:2] == ("TextSizeLimitExceededException", 400)


def test_endpoints_are_found_whatever_region_and_account_they_are_named_with(comprehend: Any) -> None:
    found = comprehend.list_endpoints()["EndpointPropertiesList"]
    assert [one["EndpointArn"] for one in found] == [arn("emotion"), arn("goemotions")]
    assert {one["Status"] for one in found} == {"IN_SERVICE"}
    elsewhere = arn("emotion", "us-gov-west-1", "123456789012").replace("arn:aws:", "arn:aws-us-gov:")
    assert comprehend.describe_endpoint(EndpointArn=elsewhere)["EndpointProperties"] == found[0]
    assert comprehend.classify_document(Text="Hello.", EndpointArn=elsewhere)["Classes"]


def test_endpoints_by_page_and_filter(comprehend: Any) -> None:
    pages = comprehend.list_endpoints(MaxResults=1)
    assert [one["EndpointArn"] for one in pages["EndpointPropertiesList"]] == [arn("emotion")]
    rest = comprehend.list_endpoints(MaxResults=1, NextToken=pages["NextToken"])
    assert [one["EndpointArn"] for one in rest["EndpointPropertiesList"]] == [arn("goemotions")]
    assert "NextToken" not in rest

    def names(**chosen: Any) -> list[str]:
        listed = comprehend.list_endpoints(Filter=chosen)["EndpointPropertiesList"]
        return [one["EndpointArn"].rpartition("/")[2] for one in listed]

    model = comprehend.describe_endpoint(EndpointArn=arn("goemotions"))["EndpointProperties"]["ModelArn"]
    assert names(ModelArn=model) == ["goemotions"]
    assert names(Status="CREATING") == []
    assert names(CreationTimeBefore=datetime(2020, 1, 1, tzinfo=UTC)) == []
    assert names(CreationTimeAfter=datetime(2020, 1, 1, tzinfo=UTC)) == ["emotion", "goemotions"]


def test_an_endpoint_that_is_not_here(comprehend: Any) -> None:
    error = error_of(comprehend.classify_document, Text="a", EndpointArn=arn("mine"))
    assert error[:2] == ("ResourceUnavailableException", 404)
    assert "emotion and /goemotions" in error[2]
    error = error_of(comprehend.describe_endpoint, EndpointArn=arn("mine"))
    assert error[:2] == ("ResourceNotFoundException", 404)
    assert error_of(comprehend.describe_endpoint, EndpointArn="emotion")[:2] == ("InvalidRequestException", 400)
    assert error_of(comprehend.list_endpoints, NextToken="mine")[:2] == ("InvalidRequestException", 400)
    assert error_of(comprehend.list_endpoints, MaxResults=501)[:2] == ("InvalidRequestException", 400)
