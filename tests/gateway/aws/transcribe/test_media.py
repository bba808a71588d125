"""Where Amazon's web addresses of S3 lead."""

import pytest

from gateway.aws.transcribe.media import place_of


@pytest.mark.parametrize(
    "uri",
    [
        "https://s3.amazonaws.com/calls/in/a%20b.mp3",
        "https://s3.eu-central-1.amazonaws.com/calls/in/a%20b.mp3",
        "https://s3-eu-west-1.amazonaws.com/calls/in/a%20b.mp3",
        "https://calls.s3.amazonaws.com/in/a%20b.mp3",
        "https://calls.s3.us-east-1.amazonaws.com/in/a%20b.mp3",
        "https://calls.s3.cn-north-1.amazonaws.com.cn/in/a%20b.mp3",
    ],
)
def test_they_mean_the_object(uri: str) -> None:
    assert place_of(uri) == "s3://calls/in/a b.mp3"


@pytest.mark.parametrize(
    "uri",
    [
        "s3://calls/a.mp3",
        "https://example.com/a.mp3",
        "https://calls.s3.amazonaws.com/a.mp3?X-Amz-Signature=0",
        "https://s3.amazonaws.com.example.com/calls/a.mp3",
        "https://example.com/s3.amazonaws.com/calls/a.mp3",
    ],
)
def test_others_stay(uri: str) -> None:
    assert place_of(uri) == uri
