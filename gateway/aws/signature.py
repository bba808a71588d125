"""Whose signature a request carries, and whether it is right: AWS's SigV4, in headers or in the query."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gateway.aws.canonical import ALGORITHM, SignedRequest, canonical_request, string_to_sign
from gateway.aws.faults import Fault

MOST_SKEW = timedelta(minutes=5)
"""AWS's own for all services but S3."""
LONGEST_SECONDS = 604_800
"""For which a presigned address may be good: a week."""

SecretOf = Callable[[str], bytes | None]
_HEADER = re.compile(
    rf"{ALGORITHM}\s+(?=.*Credential=(?P<credential>[^,\s]+))(?=.*SignedHeaders=(?P<headers>[^,\s]+))"
    r"(?=.*Signature=(?P<signature>[0-9a-f]{64})\s*(,|$)).*"
)
_CREDENTIAL = re.compile(
    r"(?P<key>[\w-]{1,128})/(?P<scope>(?P<day>\d{8})/(?P<region>[\w-]{1,64})/(?P<service>[\w-]{1,64})/aws4_request)"
)
MOMENT_FORMAT = "%Y%m%dT%H%M%SZ"
_NO_SECRET = b"\0" * 32


@dataclass(frozen=True, slots=True)
class Scope:
    """For what a request was signed, and with whose key."""

    key_id: str
    region: str
    service: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says of its signature."""

    credential: str
    moment: str
    signed_headers: Sequence[str]
    signature: str
    good_for: timedelta


def verified(request: SignedRequest, secret_of: SecretOf, now: datetime | None = None) -> Scope:
    """Return who signed a request, and for what.

    `secret_of` returns the secret of a key's id, or None. Raises Fault, named and worded as AWS does it.
    """
    claim = _claim(request)
    found = _CREDENTIAL.fullmatch(claim.credential)
    if not found:
        raise Fault("IncompleteSignatureException", "The credential must be KEY/YYYYMMDD/REGION/SERVICE/aws4_request.")
    _require_covered(request, claim.signed_headers)
    _require_timely(claim, found["day"], now or datetime.now(UTC))
    secret = secret_of(found["key"])
    canonical = canonical_request(request, claim.signed_headers)
    expected = signature_of(secret or _NO_SECRET, canonical, claim.moment, found["scope"])
    is_right = hmac.compare_digest(expected, claim.signature)
    if secret is None:
        raise Fault("UnrecognizedClientException", "The access key id is not one of this Timbre's, or was revoked.")
    if not is_right:
        raise Fault(
            "InvalidSignatureException",
            "The signature does not match. Check the secret access key, and that no proxy changes the request.",
        )
    return Scope(found["key"], found["region"], found["service"])


def signature_of(secret: bytes, canonical: str, moment: str, scope: str) -> str:
    """Return the signature of a canonical request, made at a moment for a scope."""
    key = b"AWS4" + secret
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, string_to_sign(canonical, moment, scope).encode(), hashlib.sha256).hexdigest()


def _claim(request: SignedRequest) -> _Claim:
    query = dict(request.parameters())
    if "X-Amz-Algorithm" in query:
        return _presigned(query)
    header = request.header("authorization")
    if header is None:
        raise Fault("MissingAuthenticationTokenException", "Sign the request with SigV4: the key's id and its secret.")
    found = _HEADER.fullmatch(header)
    moment = request.header("x-amz-date")
    if not found or moment is None:
        raise Fault(
            "IncompleteSignatureException", "A signature has Credential, SignedHeaders, Signature and X-Amz-Date."
        )
    return _Claim(found["credential"], moment, found["headers"].split(";"), found["signature"], timedelta())


def _presigned(query: dict[str, str]) -> _Claim:
    try:
        if query["X-Amz-Algorithm"] != ALGORITHM:
            raise ValueError(query["X-Amz-Algorithm"])
        seconds = int(query["X-Amz-Expires"])
        headers = query["X-Amz-SignedHeaders"].split(";")
        claim = _Claim(
            query["X-Amz-Credential"],
            query["X-Amz-Date"],
            headers,
            query["X-Amz-Signature"],
            timedelta(seconds=seconds),
        )
    except (KeyError, ValueError, OverflowError) as error:
        raise Fault("IncompleteSignatureException", "The address lacks a part of its signature.") from error
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise Fault("IncompleteSignatureException", f"X-Amz-Expires must be 1 to {LONGEST_SECONDS} seconds.")
    return claim


def _require_covered(request: SignedRequest, signed: Sequence[str]) -> None:
    """Raise Fault unless all that makes the request what it is was signed."""
    needed = {"host"} | {name.decode("latin-1") for name, _ in request.headers if name.startswith(b"x-amz-")}
    if not needed <= set(signed) or list(signed) != sorted(set(signed)):
        raise Fault("InvalidSignatureException", "host and all x-amz-* headers must be among the signed headers.")
    given = request.header("x-amz-content-sha256")
    if given is not None and not hmac.compare_digest(given.encode(), hashlib.sha256(request.body).hexdigest().encode()):
        raise Fault("InvalidSignatureException", "x-amz-content-sha256 is not the hash of the body.")


def _require_timely(claim: _Claim, day: str, now: datetime) -> None:
    try:
        moment = datetime.strptime(claim.moment, MOMENT_FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise Fault("IncompleteSignatureException", "The date must be written as 20150830T123600Z.") from error
    if not claim.moment.startswith(day):
        raise Fault("InvalidSignatureException", "The credential is of another day than the request.")
    if not moment - MOST_SKEW <= now <= moment + (claim.good_for or MOST_SKEW):
        raise Fault(
            "InvalidSignatureException",
            "The signature expired, or is of the future: "
            f"it is of {claim.moment}, here it is {now.strftime(MOMENT_FORMAT)}.",
        )
