"""Who is let in, and what AWS's clients are told who are not."""

import time
from typing import Any

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from gateway.aws.offers import OFFERS
from gateway.key_store import KeyStore
from tests.compat.conftest import Client, credentials
from tests.started import Started

pytestmark = pytest.mark.timeout(300)
LISTING = {"polly": "describe_voices", "comprehend": "list_endpoints", "transcribe": "list_vocabularies"}
SERVICES = list(LISTING)
UNOFFERED = {
    "comprehend": ("detect_syntax", {"Text": "a", "LanguageCode": "en"}),
    "transcribe": ("list_call_analytics_jobs", {}),
}


def error_of(call: Any, **given: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as refused:
        call(**given)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]


@pytest.mark.parametrize("service", SERVICES)
class TestKeys:
    def call(self, aws: Client, service: str, **options: Any) -> Any:
        return getattr(aws(service, **options), LISTING[service])

    def test_a_wrong_secret(self, aws: Client, key: str, service: str) -> None:
        call = self.call(aws, service, **credentials(key) | {"aws_secret_access_key": "wrong"})
        assert error_of(call)[:2] == ("InvalidSignatureException", 403)

    def test_an_unknown_key(self, aws: Client, key: str, service: str) -> None:
        call = self.call(aws, service, **credentials(key) | {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"})
        assert error_of(call)[:2] == ("UnrecognizedClientException", 403)

    def test_a_key_that_is_revoked(self, stack: Started, aws: Client, service: str) -> None:
        store = KeyStore(stack.folder / ".timbre" / "keys.json")
        made = store.create(f"once for {service}")
        call = self.call(aws, service, **credentials(made))
        call()
        store.revoke(f"once for {service}")
        assert error_of(call)[0] == "UnrecognizedClientException"

    def test_no_key_is_tried_again(self, stack: Started, service: str) -> None:
        """A client that gives up at once has been understood."""
        config = Config(signature_version="v4", retries={"mode": "legacy", "total_max_attempts": 5})
        client = boto3.session.Session().client(
            service,
            endpoint_url=f"http://127.0.0.1:{stack.port}",
            region_name="us-east-1",
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
            config=config,
        )
        sent: list[object] = []
        client.meta.events.register(f"before-send.{service}.*", lambda **_: sent.append(1))
        assert error_of(getattr(client, LISTING[service]))[0] == "UnrecognizedClientException"
        assert len(sent) == 1


@pytest.mark.parametrize("service", ["comprehend", "transcribe"])
def test_operations_that_are_not_offered_say_which_are(aws: Client, service: str) -> None:
    name, given = UNOFFERED[service]
    code, status, message = error_of(getattr(aws(service), name), **given)
    assert (code, status) == (OFFERS[service].invalid, 400)
    assert all(offered in message for offered in OFFERS[service].operations)


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("prefix", ["", "/{}", "/aws/{}", "/aws/{}/"])
def test_every_address_that_people_may_write(aws: Client, service: str, prefix: str) -> None:
    client = aws(service, prefix=prefix.format(service))
    assert getattr(client, LISTING[service])()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_the_log_tells_whose_call_it_was_and_no_signature(stack: Started, aws: Client, key: str) -> None:
    answer = aws("polly").describe_voices()
    request_id = answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]
    assert "x-timbre-key" not in answer["ResponseMetadata"]["HTTPHeaders"]
    end = time.monotonic() + 20
    while not (lines := [line for line in stack.output.splitlines() if request_id in line and '"nginx"' in line]):
        assert time.monotonic() < end
    assert f'"key":"{key[:12]}"' in lines[0]
    assert "Signature" not in stack.output
    assert "Credential=" not in stack.output


@pytest.mark.parametrize("header", ["Authorization", "x-api-key"])
def test_a_shell_may_send_the_key_itself(stack: Started, key: str, header: str) -> None:
    headers = {header: f"Bearer {key}" if header == "Authorization" else key}
    with httpx.Client(base_url=f"http://127.0.0.1:{stack.port}", headers=headers, trust_env=False) as http:
        assert http.get("/v1/voices").json()["Voices"]
        assert http.get("/polly/v1/lexicons").json()["Lexicons"] == []
        told = {"X-Amz-Target": "Comprehend_20171127.DetectSentiment"}
        read = http.post("/", headers=told, json={"Text": "What a wonderful day, I love it!", "LanguageCode": "en"})
        assert read.json()["Sentiment"] == "POSITIVE"
        nothing = http.post("/", headers={"X-Amz-Target": "Nothing.AtAll"}, json={})
        assert nothing.json()["__type"] == "UnknownOperationException"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationTokenException"),
        ({"Authorization": "Bearer tmb_unknown"}, "UnrecognizedClientException"),
        ({"x-api-key": "tmb_unknown"}, "UnrecognizedClientException"),
        ({"Authorization": "Basic eDp5"}, "IncompleteSignatureException"),
    ],
)
@pytest.mark.parametrize("path", ["/v1/voices", "/polly/v1/voices", "/comprehend", "/v1/lexicons/x", "/aws/polly"])
def test_nobody_else_is_let_in(stack: Started, path: str, headers: dict[str, str], code: str) -> None:
    answer = httpx.get(f"http://127.0.0.1:{stack.port}{path}", headers=headers, trust_env=False)
    assert (answer.status_code, answer.json()["__type"]) == (403, code)
    assert answer.headers["x-amzn-errortype"] == code
