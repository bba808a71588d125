"""A request as SigV4 signs it (AWS General Reference, "Create a signed AWS API request")."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
SIGNATURE = "X-Amz-Signature"
_UNRESERVED = "-_.~"
_SPACES = re.compile(r" +")


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came: nothing of it is decoded."""

    method: str
    path: bytes
    query: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    """Names in small letters."""
    body: bytes

    def header(self, name: str) -> str | None:
        """Return a header's values, as they are signed: joined, without needless spaces. None if there is none."""
        values = [value for key, value in self.headers if key == name.encode("latin-1")]
        return ",".join(map(_trimmed, values)) if values else None

    def parameters(self) -> list[tuple[str, str]]:
        """Return the query's names and values, decoded, in order; what is no UTF-8 is replaced."""
        parts = (part.partition(b"=") for part in self.query.split(b"&") if part)
        return [(_decoded(name), _decoded(value)) for name, _, value in parts]


def canonical_request(request: SignedRequest, signed_headers: Iterable[str]) -> str:
    """Return the text whose hash is signed. Headers that are not there count as empty."""
    names = list(signed_headers)
    return "\n".join(
        (
            request.method,
            _canonical_path(request.path),
            _canonical_query(request.query),
            *(f"{name}:{request.header(name) or ''}" for name in names),
            "",
            ";".join(names),
            hashlib.sha256(request.body).hexdigest(),
        )
    )


def string_to_sign(canonical: str, moment: str, scope: str) -> str:
    """Return what the key signs: `moment` as 20150830T123600Z, `scope` as 20150830/region/service/aws4_request."""
    return "\n".join(
        (ALGORITHM, moment, scope, hashlib.sha256(canonical.encode("utf-8", "surrogateescape")).hexdigest())
    )


def _canonical_path(path: bytes) -> str:
    """Return the path without `.`, `..` and empty parts, and encoded once more: all services but S3 sign it so."""
    kept: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            del kept[-1:]
        elif part not in {b"", b"."}:
            kept.append(part)
    whole = b"/" + b"/".join(kept) + (b"/" if kept and path.endswith(b"/") else b"")
    return quote(whole, safe="/" + _UNRESERVED)


def _canonical_query(query: bytes) -> str:
    parts = (part.partition(b"=") for part in query.split(b"&") if part)
    pairs = sorted((_encoded(name), _encoded(value)) for name, _, value in parts)
    return "&".join(f"{name}={value}" for name, value in pairs if name != SIGNATURE)


def _encoded(part: bytes) -> str:
    """Return a name or value of a query in its one encoding."""
    return quote(unquote_to_bytes(part), safe=_UNRESERVED)


def _decoded(part: bytes) -> str:
    return unquote_to_bytes(part).decode("utf-8", "replace")


def _trimmed(value: bytes) -> str:
    return _SPACES.sub(" ", value.decode("utf-8", "surrogateescape").strip())
