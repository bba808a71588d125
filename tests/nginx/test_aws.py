"""Calls of AWS's clients: no key, a signature that NGINX hands on, and errors of their own shape."""

import json
from collections.abc import Callable

import httpx
import pytest

from tests.nginx.harness import GOOD, SPEECH, Nginx, Stub

PATHS = [
    "/",
    "/v1/speech",
    "/v1/voices?LanguageCode=en-US",
    "/v1/lexicons/mine",
    "/v1/synthesisTasks/1",
    "/v1/synthesisStream",
    "/polly/v1/speech",
    "/comprehend",
    "/transcribe/",
    "/aws/polly/v1/voices",
]
SIGNED = "AWS4-HMAC-SHA256 Credential=tmb_{}/20261122/us-east-1/polly/aws4_request, SignedHeaders=host, Signature={}"

PRESIGNED = {"X-Amz-Credential": "tmb_1/20261122"}


def signed(key: str, signature: str) -> dict[str, str]:
    return {"Authorization": SIGNED.format(key, signature)}


@pytest.mark.parametrize("path", PATHS)
def test_the_gateway_gets_the_signature_and_asks_for_no_key(
    client: httpx.Client, stubs: dict[str, Stub], path: str
) -> None:
    headers = {**signed("mine", "f" * 64), "X-Timbre-Key": "admin", "X-Stub": "echo"}
    seen = client.post(path, headers=headers, content=b"{}").json()
    assert (seen["service"], seen["target"]) == ("gateway", path)
    assert seen["headers"]["authorization"] == headers["Authorization"]
    assert "x-timbre-key" not in seen["headers"]
    assert [request["target"] for request in stubs["gateway"].seen] == [path]


def test_no_other_service_sees_a_signature(client: httpx.Client) -> None:
    seen = client.post(SPEECH, headers=GOOD, content=b"{}").json()["headers"]
    assert "authorization" not in seen


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"headers": signed("mine", "a" * 64)}, {"headers": signed("mine", "b" * 64)}),
        (
            {"params": {"X-Amz-Credential": "tmb_1/20261122"}},
            {"params": {"X-Amz-Credential": "tmb_1/20261122", "a": "b"}},
        ),
    ],
    ids=["headers", "presigned"],
)
def test_rate_is_limited_by_the_keys_id(
    start_nginx: Callable[..., Nginx], first: dict[str, object], second: dict[str, object]
) -> None:
    with start_nginx(TIMBRE_REQUESTS_PER_SECOND="1", TIMBRE_BURST_REQUESTS="1").client() as client:
        answers = [client.post("/v1/speech", content=b"{}", **one) for one in (first, second, first, second)]  # type: ignore[arg-type]
        assert answers[0].status_code == 200
        refused = answers[-1]
        assert refused.status_code == 400  # 429 would be tried again, too, but has no name
        assert refused.json()["__type"] == "ThrottlingException"
        other = client.post("/v1/speech", content=b"{}", headers=signed("other", "c" * 64))
        assert other.status_code == 200


def test_too_large_a_body_has_a_name(client: httpx.Client) -> None:
    answer = client.post("/comprehend", content=b"x" * (4 * 1024 * 1024 + 1), headers=signed("mine", "a" * 64))
    assert (answer.status_code, answer.json()["__type"]) == (413, "RequestEntityTooLargeException")


def test_a_gateway_that_is_gone_has_a_name(start_nginx: Callable[..., Nginx]) -> None:
    with start_nginx(TIMBRE_UPSTREAM_GATEWAY="127.0.0.1:1").client() as client:
        answer = client.post("/polly/v1/speech", content=b"{}")
    assert (answer.status_code, json.loads(answer.content)["__type"]) == (503, "ServiceUnavailableException")
