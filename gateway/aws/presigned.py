"""Addresses of this Timbre's own that carry a signature, as S3's do: whoever has one may follow it for a while."""

from datetime import UTC, datetime
from urllib.parse import urlencode

from gateway.aws.call import Call
from gateway.aws.canonical import ALGORITHM, SIGNATURE, SignedRequest, canonical_request
from gateway.aws.signature import MOMENT_FORMAT, signature_of
from shared.problems import Unauthorized

_SECONDS = 900
"""As AWS's own links: who needs another asks again."""


def presigned(call: Call, service: str, path: str) -> str:
    """Return the address of `path`, signed with the caller's own secret: it is worth nothing when the key is revoked.

    The host is the one that the caller reached us by. Raises Unauthorized for a key that was revoked just now.
    """
    secret = call.state["keys"].signing_secret(call.caller)
    if secret is None:
        raise Unauthorized("The key was revoked.")
    host = call.request.headers.get("host", "")
    moment = datetime.now(UTC).strftime(MOMENT_FORMAT)
    scope = f"{moment[:8]}/{call.region}/{service}/aws4_request"
    query = urlencode(
        {
            "X-Amz-Algorithm": ALGORITHM,
            "X-Amz-Credential": f"{call.caller}/{scope}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": _SECONDS,
            "X-Amz-SignedHeaders": "host",
        }
    )
    request = SignedRequest("GET", path.encode(), query.encode(), ((b"host", host.encode("latin-1")),), b"")
    signature = signature_of(secret, canonical_request(request, ["host"]), moment, scope)
    scheme = call.request.headers.get("x-forwarded-proto", call.request.url.scheme)
    return f"{scheme}://{host}{path}?{query}&{SIGNATURE}={signature}"
