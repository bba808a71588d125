"""What AWS's protocols cost over our own calls for the same work, with engines that cost nothing."""

import json

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks import wrk
from benchmarks.rounds import Ratio, compare
from benchmarks.stack import FAKE, Addresses, running_timbre
from gateway.key_store import aws_secret, key_id

_TEXT = "The train is late."
_SENTIMENT = json.dumps({"Text": _TEXT, "LanguageCode": "en"}).encode()
_EMOTIONS = json.dumps({"text": _TEXT, "language": "en"}).encode()
_POLLY = json.dumps({"Text": _TEXT, "VoiceId": "fake", "OutputFormat": "pcm"}).encode()
_SPEECH = json.dumps({"input": _TEXT, "voice": "fake", "response_format": "pcm"}).encode()


def measure() -> list[Ratio]:
    """Return latency and throughput of a sentiment and of a short speech."""
    with running_timbre(FAKE) as timbre:
        return [
            *_compared("sentiment", timbre, ("comprehend", "/", _SENTIMENT), ("/v1/text/emotions", _EMOTIONS)),
            *_compared("speech", timbre, ("polly", "/v1/speech", _POLLY), ("/v1/audio/speech", _SPEECH)),
        ]


def _compared(what: str, timbre: Addresses, signed: tuple[str, str, bytes], own: tuple[str, bytes]) -> list[Ratio]:
    service, path, body = signed
    headers = _signed_headers(timbre, service, path, body)

    def as_aws(connections: int) -> wrk.Load:
        return wrk.run(timbre.public + path, body, headers, connections)

    def as_ours(connections: int) -> wrk.Load:
        return wrk.run(timbre.public + own[0], own[1], timbre.headers, connections)

    return [
        compare(
            f"AWS {what}: p50 in µs, 1 connection",
            lambda: as_aws(1).p50_microseconds,
            lambda: as_ours(1).p50_microseconds,
        ),
        compare(
            f"AWS {what}: requests/s, 8 connections",
            lambda: as_aws(8).requests_per_second,
            lambda: as_ours(8).requests_per_second,
        ),
    ]


def _signed_headers(timbre: Addresses, service: str, path: str, body: bytes) -> dict[str, str]:
    """Return headers that hold for five minutes, which is longer than the rounds take."""
    target = {"X-Amz-Target": "Comprehend_20171127.DetectSentiment"} if service == "comprehend" else {}
    request = AWSRequest("POST", timbre.public + path, {"Content-Type": "application/x-amz-json-1.1", **target}, body)
    SigV4Auth(Credentials(key_id(timbre.key), aws_secret(timbre.key)), service, "us-east-1").add_auth(request)
    return dict(request.headers.items())
