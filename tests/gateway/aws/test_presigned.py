"""Links of our own: good for a while, for what they were made for, and as long as the key is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.requests import Request

from gateway.aws.call import Call
from gateway.aws.canonical import SignedRequest
from gateway.aws.faults import Fault
from gateway.aws.presigned import presigned
from gateway.aws.signature import Scope, verified
from gateway.key_store import KeyStore, key_id
from shared.problems import Unauthorized


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys.json")


@pytest.fixture
def call(keys: KeyStore) -> Call:
    headers = [(b"host", b"timbre.example:8080"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "scheme": "http", "path": "/", "headers": headers, "state": {"keys": keys}}
    return Call(key_id(keys.create("one")), "eu-central-1", {}, Request(scope))


def followed(link: str, path: str | None = None) -> SignedRequest:
    parts = urlsplit(link)
    headers = ((b"host", parts.netloc.encode()),)
    return SignedRequest("GET", (path or parts.path).encode(), parts.query.encode(), headers, b"")


def test_it_is_signed_for_its_path_by_its_caller(call: Call, keys: KeyStore) -> None:
    link = presigned(call, "transcribe", "/transcribe/a/b")
    assert link.startswith("https://timbre.example:8080/transcribe/a/b?")
    assert verified(followed(link), keys.signing_secret) == Scope(call.caller, "eu-central-1", "transcribe")
    with pytest.raises(Fault):
        verified(followed(link, "/transcribe/a/c"), keys.signing_secret)


def test_it_is_good_for_a_while(call: Call, keys: KeyStore) -> None:
    link, now = presigned(call, "transcribe", "/a"), datetime.now(UTC)
    verified(followed(link), keys.signing_secret, now + timedelta(seconds=890))
    with pytest.raises(Fault, match="expired"):
        verified(followed(link), keys.signing_secret, now + timedelta(seconds=910))


def test_it_is_worth_nothing_when_the_key_is_revoked(call: Call, keys: KeyStore) -> None:
    link = presigned(call, "transcribe", "/a")
    keys.revoke("one")
    with pytest.raises(Fault, match="revoked"):
        verified(followed(link), keys.signing_secret)
    with pytest.raises(Unauthorized):
        presigned(call, "transcribe", "/a")
