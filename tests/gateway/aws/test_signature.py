"""AWS's own vectors are taken, and all that differs from them in anything is refused."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from gateway.aws.canonical import ALGORITHM, SignedRequest
from gateway.aws.faults import Fault
from gateway.aws.signature import Scope, verified
from tests.gateway.aws.vectors import CREDENTIAL, KEY, MOMENT, SECRET, VECTORS, Vector

NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SCOPE = Scope(KEY, "us-east-1", "service")
BY_NAME = {vector.name: vector for vector in VECTORS}
VANILLA = BY_NAME["get-vanilla"]


def secret_of(key: str) -> bytes | None:
    return SECRET if key == KEY else None


def in_header(vector: Vector) -> SignedRequest:
    headers = [("host", "example.amazonaws.com"), ("x-amz-date", MOMENT), *vector.headers]
    if vector.body:
        headers.append(("x-amz-content-sha256", hashlib.sha256(vector.body).hexdigest()))
    names = ";".join(sorted({name for name, _ in headers}))
    told = f"{ALGORITHM} Credential={CREDENTIAL}, SignedHeaders={names}, Signature={vector.in_header}"
    return request_of(vector, vector.query, [*headers, ("authorization", told)])


def in_query(vector: Vector, seconds: int = 3600) -> SignedRequest:
    headers = [("host", "example.amazonaws.com"), *vector.headers]
    names = quote(";".join(sorted({name for name, _ in headers})), safe="")
    own = f"X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={quote(CREDENTIAL, safe='')}&X-Amz-Date={MOMENT}"
    signed = f"{own}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders={names}&X-Amz-Signature={vector.in_query}"
    return request_of(vector, "&".join(filter(None, (vector.query, signed))), headers)


def request_of(vector: Vector, query: str, headers: list[tuple[str, str]]) -> SignedRequest:
    raw = tuple((name.encode(), value.encode()) for name, value in headers)
    return SignedRequest(vector.method, vector.path.encode(), query.encode(), raw, vector.body)


def code_of(request: SignedRequest, now: datetime = NOW) -> str:
    with pytest.raises(Fault) as refused:
        verified(request, secret_of, now)
    assert SECRET.decode() not in refused.value.message
    return refused.value.code


def with_header(request: SignedRequest, name: str, value: str) -> SignedRequest:
    kept = tuple(header for header in request.headers if header[0] != name.encode())
    return replace(request, headers=(*kept, (name.encode(), value.encode())))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector.name for vector in VECTORS])
class TestVectors:
    def test_in_headers(self, vector: Vector) -> None:
        assert verified(in_header(vector), secret_of, NOW) == SCOPE

    def test_presigned(self, vector: Vector) -> None:
        if not vector.in_query:
            pytest.skip("no signature of it was published")
        assert verified(in_query(vector), secret_of, NOW) == SCOPE


class TestForgeries:
    @pytest.mark.parametrize(
        "change",
        [
            {"method": "POST"},
            {"path": b"/other"},
            {"query": b"a=b"},
            {"body": b"more"},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_whatever_was_signed_cannot_change(self, change: dict[str, bytes]) -> None:
        assert code_of(replace(in_header(VANILLA), **change)) == "InvalidSignatureException"

    def test_another_host(self) -> None:
        assert code_of(with_header(in_header(VANILLA), "host", "evil.example")) == "InvalidSignatureException"

    def test_a_body_that_is_not_the_one_whose_hash_is_told(self) -> None:
        request = replace(in_header(BY_NAME["post-x-www-form-urlencoded"]), body=b"Param1=value2")
        assert code_of(request) == "InvalidSignatureException"

    def test_a_hash_that_says_nothing_is_checked(self) -> None:
        request = in_header(BY_NAME["post-x-www-form-urlencoded"])
        assert code_of(with_header(request, "x-amz-content-sha256", "UNSIGNED-PAYLOAD")) == "InvalidSignatureException"

    @pytest.mark.parametrize("header", ["x-amz-target", "x-amz-security-token"])
    def test_an_aws_header_that_was_not_signed(self, header: str) -> None:
        assert code_of(with_header(in_header(VANILLA), header, "Polly.Anything")) == "InvalidSignatureException"

    @pytest.mark.parametrize("headers", ["x-amz-date", "x-amz-date;host", "host;host;x-amz-date"])
    def test_signed_headers_that_miss_host_or_are_not_sorted(self, headers: str) -> None:
        told = f"{ALGORITHM} Credential={CREDENTIAL}, SignedHeaders={headers}, Signature={VANILLA.in_header}"
        assert code_of(with_header(in_header(VANILLA), "authorization", told)) == "InvalidSignatureException"

    def test_two_dates_and_the_order_of_repeated_headers(self) -> None:
        request = in_header(BY_NAME["get-header-key-duplicate"])
        turned = tuple(reversed(request.headers))
        assert code_of(replace(request, headers=turned)) == "InvalidSignatureException"
        doubled = replace(in_header(VANILLA), headers=(*in_header(VANILLA).headers, (b"x-amz-date", MOMENT.encode())))
        assert code_of(doubled) == "IncompleteSignatureException"

    def test_an_unknown_key(self) -> None:
        told = in_header(VANILLA).header("authorization") or ""
        request = with_header(in_header(VANILLA), "authorization", told.replace(KEY, "AKIDOTHER"))
        assert code_of(request) == "UnrecognizedClientException"

    @pytest.mark.parametrize("scope", ["20150830/us-east-1/polly", "20150830/eu-west-1/service"])
    def test_a_signature_for_elsewhere(self, scope: str) -> None:
        told = (in_header(VANILLA).header("authorization") or "").replace("20150830/us-east-1/service", scope)
        assert code_of(with_header(in_header(VANILLA), "authorization", told)) == "InvalidSignatureException"

    def test_nothing_signed_at_all(self) -> None:
        assert (
            code_of(SignedRequest("GET", b"/", b"", ((b"host", b"x"),), b"")) == "MissingAuthenticationTokenException"
        )

    @pytest.mark.parametrize(
        "told",
        [
            "Bearer tmb_something",
            f"{ALGORITHM} Credential={CREDENTIAL}, SignedHeaders=host;x-amz-date",
            f"{ALGORITHM} Credential={KEY}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
            f"{ALGORITHM} Credential=../etc/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, "
            f"Signature={'0' * 64}",
            f"{ALGORITHM} Credential={CREDENTIAL}, SignedHeaders=host;x-amz-date, Signature={'0' * 63}",
            f"AWS4-HMAC-SHA1 Credential={CREDENTIAL}, SignedHeaders=host, Signature={'0' * 64}",
        ],
    )
    def test_what_is_no_signature(self, told: str) -> None:
        assert code_of(with_header(in_header(VANILLA), "authorization", told)) == "IncompleteSignatureException"


class TestTime:
    @pytest.mark.parametrize("seconds", [-299, 0, 299])
    def test_clocks_may_differ_a_little(self, seconds: int) -> None:
        assert verified(in_header(VANILLA), secret_of, NOW + timedelta(seconds=seconds)) == SCOPE

    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_but_no_more_than_five_minutes(self, seconds: int) -> None:
        assert code_of(in_header(VANILLA), NOW + timedelta(seconds=seconds)) == "InvalidSignatureException"

    def test_a_presigned_address_ends_when_it_says(self) -> None:
        assert verified(in_query(VANILLA), secret_of, NOW + timedelta(seconds=3600)) == SCOPE
        assert code_of(in_query(VANILLA), NOW + timedelta(seconds=3601)) == "InvalidSignatureException"
        assert code_of(in_query(VANILLA), NOW - timedelta(seconds=301)) == "InvalidSignatureException"

    @pytest.mark.parametrize("seconds", [-1, 0, 604_801])
    def test_no_address_is_good_for_ever(self, seconds: int) -> None:
        assert code_of(in_query(VANILLA, seconds)) == "IncompleteSignatureException"

    @pytest.mark.parametrize("moment", ["2015-08-30", "20150830T996600Z", "20150831T123600Z"])
    def test_a_date_that_is_none_or_of_another_day(self, moment: str) -> None:
        code = code_of(with_header(in_header(VANILLA), "x-amz-date", moment))
        assert code in {"IncompleteSignatureException", "InvalidSignatureException"}
