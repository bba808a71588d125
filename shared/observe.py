"""One ASGI middleware round every request: its id, its metrics, its log line, and the last-resort answer."""

import logging
import re
import time
import uuid
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.handlers import problem_response
from shared.logs import request_id
from shared.metrics import Metrics
from shared.problems import Problem

_log = logging.getLogger("timbre.requests")
_SAFE_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,64}")
_QUIET_ROUTES = frozenset({"/health/live", "/health/ready", "/metrics"})
_BEGINNINGS = frozenset({"http.response.start", "websocket.http.response.start", "websocket.accept"})
_SWITCHING_PROTOCOLS, _FORBIDDEN = 101, 403
_NORMAL_CLOSURE, _INTERNAL_ERROR = 1000, 1011
"""Close codes of RFC 6455, section 7.4."""


class Observe:
    """Take the request id that nginx gave (or make one), measure, log, and never let an exception out."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one websocket for as long as it is open."""
        if scope["type"] not in _EXCHANGES:
            await self._app(scope, receive, send)
            return
        token = request_id.set(_incoming_id(scope))
        exchange = _EXCHANGES[scope["type"]](send)
        started = time.perf_counter()
        try:
            with self._metrics.requests_in_progress.track_inprogress():
                await self._serve(scope, receive, exchange)
        finally:
            self._record(scope, exchange.status, time.perf_counter() - started)
            request_id.reset(token)

    async def _serve(self, scope: Scope, receive: Receive, exchange: "_Exchange") -> None:
        try:
            await self._app(scope, receive, exchange.send)
        except Exception:
            _log.exception("unexpected error")
            if exchange.status:
                await exchange.break_off()
                raise
            await problem_response(Problem("An unexpected error; the log has it under this request's id."))(
                scope, receive, exchange.send
            )

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope.get("method", "WEBSOCKET")
        self._metrics.requests.labels(route, method, status).inc()
        self._metrics.request_seconds.labels(route, method).observe(seconds)
        if route not in _QUIET_ROUTES:
            _log.info(
                "request", extra={"route": route, "method": method, "status": status, "seconds": round(seconds, 6)}
            )


class _Exchange:
    """The sending side of one request: remembers the status and adds the request id to the answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def send(self, message: Message) -> None:
        if message["type"] in _BEGINNINGS:
            self.status = message.get("status", _SWITCHING_PROTOCOLS)
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.get().encode())]
        await self._send(message)

    async def break_off(self) -> None:
        """Leave an answer that has begun: only a broken connection tells the client the truth."""


class _Conversation(_Exchange):
    """The sending side of one websocket: its status is 101 while it is open, and our close code after that."""

    async def send(self, message: Message) -> None:
        await super().send(message)
        if message["type"] == "websocket.close":
            self.status = message.get("code", _NORMAL_CLOSURE) if self.status else _FORBIDDEN

    async def break_off(self) -> None:
        """Tell the client that the fault is ours."""
        with suppress(OSError):  # it has left
            await self.send({"type": "websocket.close", "code": _INTERNAL_ERROR})


_EXCHANGES = {"http": _Exchange, "websocket": _Conversation}


def _incoming_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SAFE_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid.uuid4().hex
