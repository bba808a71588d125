"""How AWS's client is set up, and its errors."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError
from botocore.parsers import ResponseParserError

from shared import aws
from shared.problems import StorageRefused, Unavailable


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "the caller's own words"}}, "GetItem")


def test_the_region_is_read_as_other_tools_of_aws_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert aws.session().region_name == "eu-west-1"
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert aws.session().region_name == "eu-central-1"
    monkeypatch.setenv("AWS_REGION", "")  # as Compose passes on what is not set
    assert aws.session().region_name == "eu-west-1"


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (refusal("AccessDeniedException"), StorageRefused, "The table answers AccessDeniedException."),
        (refusal("ResourceNotFoundException"), StorageRefused, "ResourceNotFoundException"),
        (refusal("ThrottlingException"), Unavailable, "ThrottlingException"),
        (NoCredentialsError(), StorageRefused, "no credentials for the table"),
        (EndpointConnectionError(endpoint_url="http://a"), Unavailable, "The table cannot be reached"),
        (ResponseParserError("<html>"), Unavailable, "The table gives an answer that is not understood"),
    ],
)
def test_errors_say_who_answered_and_quote_nobody(error: Exception, kind: type[Unavailable], words: str) -> None:
    with pytest.raises(Unavailable, match=words) as caught, aws.reported("table"):
        raise error
    assert type(caught.value) is kind
    assert "own words" not in caught.value.detail
