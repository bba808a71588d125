"""One ASGI middleware round every request: its id, its metrics, its log line, and the last-resort answer."""

import logging
import re
import time
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.handlers import problem_response
from shared.logs import request_id
from shared.metrics import Metrics
from shared.problems import Problem

_log = logging.getLogger("timbre.requests")
_SAFE_ID = re.compile(rb"[A-Za-z0-9_.:-]{1,64}")
_QUIET_ROUTES = frozenset({"/health/live", "/health/ready", "/metrics"})


class Observe:
    """Take the request id that nginx gave (or make one), measure, log, and never let an exception out."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token = request_id.set(_incoming_id(scope))
        exchange = _Exchange(send)
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
                raise  # the answer has begun: only a broken connection tells the client the truth
            await problem_response(Problem("An unexpected error; the log has it under this request's id."))(
                scope, receive, exchange.send
            )

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"]
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
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", request_id.get().encode())]
        await self._send(message)


def _incoming_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _SAFE_ID.fullmatch(value):
            return str(value, "ascii")
    return uuid.uuid4().hex
