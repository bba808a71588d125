"""Who calls: the answer to nginx's auth_request, given before any framework sees the request.

It stands in the path of every call, so it is a bare ASGI application: one look at the headers, one hash.
"""

from collections.abc import Iterable

import orjson
from prometheus_client import Counter
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.key_store import KeyStore
from shared.metrics import Metrics
from shared.problems import Unauthorized

PATH = "/internal/auth"

_REFUSAL = Unauthorized("Send a valid API key, as `Authorization: Bearer KEY` or `x-api-key: KEY`.")
_REFUSAL_BODY = orjson.dumps(_REFUSAL.body())
_REFUSED = {
    "type": "http.response.start",
    "status": _REFUSAL.status,
    "headers": [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(_REFUSAL_BODY)),
        *((name.lower().encode(), value.encode()) for name, value in _REFUSAL.headers().items()),
    ],
}


class Authorise:
    """ASGI middleware that answers /internal/auth: 204 with the key's id in X-Timbre-Key, or 401."""

    def __init__(self, app: ASGIApp, keys: KeyStore, metrics: Metrics) -> None:
        self._app = app
        self._keys = keys
        answers = Counter("timbre_gateway_authorised", "Callers checked.", ("answer",), registry=metrics.registry)
        self._count_allowed = answers.labels("allowed").inc
        self._count_refused = answers.labels("refused").inc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on what is not for us."""
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._app(scope, receive, send)
            return
        secret = presented(scope["headers"])
        key_id = self._keys.verify(secret) if secret else None
        if key_id is None:
            self._count_refused()
            await send(_REFUSED)
            await send({"type": "http.response.body", "body": _REFUSAL_BODY})
        else:
            self._count_allowed()
            headers = [(b"x-timbre-key", key_id.encode())]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body"})


def presented(headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
    """Return the one key that the headers present; None for no key, and for two headers that do not agree."""
    bearer = api_key = None
    for name, value in headers:
        if name == b"authorization":
            if bearer is not None or value[:7].lower() != b"bearer ":
                return None
            bearer = value[7:].strip()
        elif name == b"x-api-key":
            if api_key is not None:
                return None
            api_key = value.strip()
    if bearer is not None and api_key is not None and bearer != api_key:
        return None
    return bearer if bearer is not None else api_key
